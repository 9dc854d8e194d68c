// Due times beside those of another program: tests/data/schedule, or the folder that DYNO_CRON_PEERS names (nightly, fresh
// from tests/tools/cron_peers.sh).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/text.h"
#include "schedule/due_times.h"

namespace dyno::schedule {
namespace {

std::string ours(const std::string& after, const std::string& zone, const std::string& line, std::size_t count) {
  model::Schedule schedule;
  schedule.cron = line;
  schedule.time_zone = zone;
  const auto instant = parse_instant(after.substr(0, 16) + ":00.000Z");
  if (!instant) return "no instant: " + after;
  const auto due = next_due_times(schedule, *instant, static_cast<int>(count));
  if (!due) return due.error().message;
  std::string text;
  for (const DueTime& t : *due) text += (text.empty() ? "" : " ") + format_instant(t.at).substr(0, 16) + "Z";
  return text;
}

// Where the two differ, and why ours is right.
struct Difference {
  const char* after;
  const char* zone;
  const char* line;
  const char* why;
};
constexpr const char* kGap = "what a gap swallows they run as long after the gap as it was in it; ours runs at its end";
constexpr const char* kLaterOne = "of a doubled time they take the second; ours the first";
constexpr const char* kGapOfMinutes = "they make up for what a gap swallows; ours counts elapsed minutes";
constexpr const char* kEveryMinute = "they leave a doubled hour out; ours counts elapsed minutes";
constexpr Difference kDifferences[] = {
    {"2026-03-08T05:50Z", "America/New_York", "0 */2 * * *", kGapOfMinutes},
    {"2026-03-08T05:50Z", "America/New_York", "30 2 * * *", kGap},
    {"2026-03-08T05:50Z", "America/New_York", "40 1-3 * * *", kGap},
    {"2026-11-01T04:10Z", "America/New_York", "*/20 * * * *", kEveryMinute},
    {"2026-11-01T04:10Z", "America/New_York", "@hourly", kEveryMinute},
    {"2026-04-04T13:50Z", "Australia/Lord_Howe", "*/20 * * * *", kEveryMinute},
    {"2026-04-04T13:50Z", "Australia/Lord_Howe", "40 1-3 * * *", kLaterOne},
    {"2026-10-03T14:10Z", "Australia/Lord_Howe", "*/20 * * * *", kGapOfMinutes},
    {"2026-10-03T14:10Z", "Australia/Lord_Howe", "0 */2 * * *", kGapOfMinutes},
    {"2026-10-03T14:10Z", "Australia/Lord_Howe", "@hourly", kGapOfMinutes},
    {"2026-03-28T23:50Z", "Europe/Berlin", "0 */2 * * *", kGapOfMinutes},
    {"2026-03-28T23:50Z", "Europe/Berlin", "30 2 * * *", kGap},
    {"2026-03-28T23:50Z", "Europe/Berlin", "40 1-3 * * *", kGap},
    {"2026-10-24T23:10Z", "Europe/Berlin", "*/20 * * * *", kEveryMinute},
    {"2026-10-24T23:10Z", "Europe/Berlin", "0 */2 * * *", kEveryMinute},
    {"2026-10-24T23:10Z", "Europe/Berlin", "30 2 * * *", kLaterOne},
    {"2026-10-24T23:10Z", "Europe/Berlin", "40 1-3 * * *", kLaterOne},
    {"2026-10-24T23:10Z", "Europe/Berlin", "@hourly", kEveryMinute},
};

class CronPeer : public testing::TestWithParam<const char*> {};

TEST_P(CronPeer, SaysTheSameButForWhatIsListed) {
  const char* const asked = std::getenv("DYNO_CRON_PEERS");
  const std::string folder = asked != nullptr ? asked : DYNO_SOURCE_DIR "/tests/data/schedule";
  std::ifstream file(folder + "/" + GetParam() + ".txt");
  ASSERT_TRUE(file);
  int compared = 0;
  for (std::string text; std::getline(file, text); ++compared) {
    const std::vector<std::string_view> columns = split(text, '\t');
    ASSERT_EQ(columns.size(), 4U) << text;
    const std::string is =
        ours(std::string(columns[0]), std::string(columns[1]), std::string(columns[2]), split(columns[3], ' ').size());
    const auto listed = std::find_if(std::begin(kDifferences), std::end(kDifferences), [&](const Difference& d) {
      return d.after == columns[0] && d.zone == columns[1] && d.line == columns[2];
    });
    if (listed == std::end(kDifferences)) {
      // Ours looks ahead for eight years only.
      EXPECT_EQ(is, columns[3].substr(0, std::max<std::size_t>(is.size(), 17)))
          << columns[0] << " " << columns[1] << " " << columns[2];
    } else {
      EXPECT_NE(is, columns[3]) << text << " is listed as different: " << listed->why;
    }
  }
  EXPECT_GE(compared, 40);
}

INSTANTIATE_TEST_SUITE_P(Programs, CronPeer, testing::Values("croniter", "croner"),
                         [](const auto& program) { return std::string(program.param); });

}  // namespace
}  // namespace dyno::schedule
