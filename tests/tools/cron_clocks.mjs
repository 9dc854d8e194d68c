// Due times as croner computes them where the clocks change, in the form of cron_calendar.py. (croniter is no peer here: the night
// after a change it runs an hour off.)
import { Cron } from "croner";

const lines = ["0 3 * * *", "30 2 * * *", "15 1,13 * * *", "*/20 * * * *", "@hourly", "0 */2 * * *", "40 1-3 * * *"];
// A little before the clocks change.
const changes = {
  "Europe/Berlin": ["2026-03-28T23:50Z", "2026-10-24T23:10Z"],
  "America/New_York": ["2026-03-08T05:50Z", "2026-11-01T04:10Z"],
  "Australia/Lord_Howe": ["2026-04-04T13:50Z", "2026-10-03T14:10Z"],
};

for (const [timezone, afters] of Object.entries(changes)) {
  for (const after of afters) {
    for (const line of lines) {
      const due = new Cron(line, { timezone }).nextRuns(8, after).map((at) => `${at.toISOString().slice(0, 16)}Z`);
      console.log([after, timezone, line, due.join(" ")].join("\t"));
    }
  }
}
