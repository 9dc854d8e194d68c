#include "schedule/due_times.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace dyno::schedule {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

model::Schedule schedule_of(const std::string& cron, const std::string& zone) {
  model::Schedule s;
  s.name = "nightly";
  s.cron = cron;
  s.time_zone = zone;
  return s;
}

WallTime instant(const char* text) { return *parse_instant(text); }

// "2026-03-29T01:00:00.000Z 2026-03-29T03:00:00+02:00" and the note in brackets.
std::vector<std::string> next_of(const std::string& cron, const std::string& zone, const char* after, int count) {
  std::vector<std::string> shown;
  const auto times = next_due_times(schedule_of(cron, zone), instant(after), count);
  if (!times) return {times.error().message};
  for (const DueTime& t : *times)
    shown.push_back(format_instant(t.at) + " " + t.local + (t.note.empty() ? "" : " (" + t.note + ")"));
  return shown;
}

using Lines = std::vector<std::string>;

TEST(DueTimes, FollowTheLocalTimeOfTheZone) {
  EXPECT_EQ(next_of("30 2 * * *", "Europe/Berlin", "2026-11-23T18:00:00.000Z", 2),
            (Lines{"2026-11-24T01:30:00.000Z 2026-11-24T02:30:00+01:00",
                   "2026-11-25T01:30:00.000Z 2026-11-25T02:30:00+01:00"}));
  EXPECT_EQ(next_of("0 0 1 1 *", "America/St_Johns", "2026-11-23T00:00:00.000Z", 1),
            (Lines{"2027-01-01T03:30:00.000Z 2027-01-01T00:00:00-03:30"}));
}

TEST(DueTimes, ComeStrictlyAfterTheInstantAsked) {
  EXPECT_EQ(next_of("30 2 * * *", "UTC", "2026-11-23T02:29:59.999Z", 1),
            (Lines{"2026-11-23T02:30:00.000Z 2026-11-23T02:30:00+00:00"}));
  EXPECT_EQ(next_of("30 2 * * *", "UTC", "2026-11-23T02:30:00.000Z", 1),
            (Lines{"2026-11-24T02:30:00.000Z 2026-11-24T02:30:00+00:00"}));
  EXPECT_TRUE(next_of("30 2 * * *", "UTC", "2026-11-23T02:30:00.000Z", 0).empty());
}

TEST(DueTimes, FallBehindAGapAndTogetherThere) {
  EXPECT_EQ(
      next_of("*/20 2 * * *", "Europe/Berlin", "2026-03-28T20:00:00.000Z", 2),
      (Lines{"2026-03-29T01:00:00.000Z 2026-03-29T03:00:00+02:00 (the clocks skip 02:00; it runs at the first valid "
             "time after that)",
             "2026-03-30T00:00:00.000Z 2026-03-30T02:00:00+02:00"}));
  EXPECT_EQ(next_of("0 2,3 * * *", "Europe/Berlin", "2026-03-28T20:00:00.000Z", 2).at(1),
            "2026-03-30T00:00:00.000Z 2026-03-30T02:00:00+02:00")
      << "two o'clock falls onto three, once";
}

TEST(DueTimes, ComeOnceWhereTheClocksGoBack) {
  EXPECT_EQ(next_of("30 2 * * *", "Europe/Berlin", "2026-10-24T20:00:00.000Z", 2),
            (Lines{"2026-10-25T00:30:00.000Z 2026-10-25T02:30:00+02:00 (02:30 occurs twice; it runs the first time)",
                   "2026-10-26T01:30:00.000Z 2026-10-26T02:30:00+01:00"}));
}

TEST(DueTimes, OfIntervalsFollowEveryElapsedMinute) {
  EXPECT_EQ(
      next_of("30 * * * *", "Europe/Berlin", "2026-10-24T23:59:00.000Z", 3),
      (Lines{"2026-10-25T00:30:00.000Z 2026-10-25T02:30:00+02:00", "2026-10-25T01:30:00.000Z 2026-10-25T02:30:00+01:00",
             "2026-10-25T02:30:00.000Z 2026-10-25T03:30:00+01:00"}));
  EXPECT_EQ(next_of("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00.000Z", 2),
            (Lines{"2026-03-29T00:30:00.000Z 2026-03-29T01:30:00+01:00",
                   "2026-03-29T01:30:00.000Z 2026-03-29T03:30:00+02:00"}));
}

TEST(DueTimes, KnowHalfAnHourOfSummerTime) {
  EXPECT_EQ(
      next_of("10 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00.000Z", 1),
      (Lines{"2026-10-03T15:30:00.000Z 2026-10-04T02:30:00+11:00 (the clocks skip 02:10; it runs at the first valid "
             "time after that)"}));
  EXPECT_EQ(next_of("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00.000Z", 1),
            (Lines{"2026-04-04T14:45:00.000Z 2026-04-05T01:45:00+11:00 (01:45 occurs twice; it runs the first time)"}));
}

TEST(DueTimes, OfADayThatNeverWasFallBehindIt) {
  EXPECT_EQ(
      next_of("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00.000Z", 1),
      (Lines{"2011-12-30T10:00:00.000Z 2011-12-31T00:00:00+14:00 (the clocks skip 12:00; it runs at the first valid "
             "time after that)"}));
}

TEST(DueTimes, ThatNeverComeAreAnError) {
  EXPECT_EQ(next_of("0 0 30 2 *", "UTC", "2026-01-01T00:00:00.000Z", 1),
            (Lines{"day of month: no month \"2\" has a day \"30\", so it is never due"}));
  EXPECT_EQ(next_of("0 0 29 2 *", "UTC", "2026-01-01T00:00:00.000Z", 1),
            (Lines{"2028-02-29T00:00:00.000Z 2028-02-29T00:00:00+00:00"}));
  EXPECT_EQ(
      next_of("0 0 * * *", "Mars/Olympus", "2026-01-01T00:00:00.000Z", 1).at(0).find("the system has no time zone"),
      0U);
}

}  // namespace
}  // namespace dyno::schedule
