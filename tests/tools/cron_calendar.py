"""Due times as croniter computes them on days without a change of clocks, a line each: after, zone, cron line and instants in UTC,
separated by tabs. tests/unit/schedule/cron_peer_test.cpp compares ours with them and lists the differences with their reasons."""
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from croniter import croniter

LINES = [
    "0 3 * * *", "30 2 * * *", "*/20 * * * *", "0 */6 * * *", "15 1,13 * * *", "0 0 1 * *", "0 0 L * *", "0 0 29 2 *",
    "45 23 31 * *", "0 4 * * mon-fri", "0 4 * * 0", "0 4 * * 7", "0 4 * * 5-7", "0 4 * jan,mar-may *", "10-20/5 5 * * *",
    "0 3 */2 * 1", "0 3 1-15 * */2", "0 3 1-7 * mon", "0 3 13 * fri", "0 3 *,5 * mon", "0 3 1,15 * *", "7/20 8 * * *",
    "@hourly", "@daily", "@weekly", "@monthly", "@yearly",
]
AFTER = datetime(2026, 1, 10, 12, tzinfo=timezone.utc)

for zone in ("UTC", "Asia/Kathmandu"):
    for line in LINES:
        # What Debian's cron does with a field that begins with * is a bug in croniter's words, and an option.
        times = croniter(line, AFTER.astimezone(ZoneInfo(zone)), ret_type=datetime, implement_cron_bug=True)
        due = [next(times).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%MZ") for _ in range(8)]
        print(AFTER.strftime("%Y-%m-%dT%H:%MZ"), zone, line, " ".join(due), sep="\t")
