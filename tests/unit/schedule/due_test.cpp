#include "schedule/due_times.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace dyno::schedule {
namespace {

using model::SkipReason;
using namespace std::chrono_literals;

class DueTest : public testing::Test {
 protected:
  DueTest() {
    schedule_.name = "nightly";
    schedule_.cron = "0 2 * * *";
    schedule_.time_zone = "UTC";
  }
  DueDecision decide(const char* settled_until, const char* now) {
    return decide_due(schedule_, *make_timetable(schedule_), *parse_instant(settled_until), *parse_instant(now));
  }
  static std::string text(const std::optional<WallTime>& t) { return t ? format_instant(*t) : "none"; }

  model::Schedule schedule_;
};

TEST_F(DueTest, FiresWhatIsDue) {
  EXPECT_EQ(text(decide("2026-11-22T02:00:00.000Z", "2026-11-23T01:59:59.999Z").fire), "none");
  const DueDecision now = decide("2026-11-22T02:00:00.000Z", "2026-11-23T02:00:00.000Z");
  EXPECT_EQ(text(now.fire), "2026-11-23T02:00:00.000Z");
  EXPECT_TRUE(now.skips.empty());
  EXPECT_EQ(text(decide("2026-11-23T02:00:00.000Z", "2026-11-23T02:00:30.000Z").fire), "none") << "settled already";
}

TEST_F(DueTest, MakesUpForTheLatestOfTheMissedOnesWithinSixHours) {
  const DueDecision late = decide("2026-11-20T02:00:00.000Z", "2026-11-23T08:00:00.000Z");
  EXPECT_EQ(text(late.fire), "2026-11-23T02:00:00.000Z");
  ASSERT_EQ(late.skips.size(), 2U);
  EXPECT_EQ(text(late.skips[0].nominal_at), "2026-11-21T02:00:00.000Z");
  EXPECT_EQ(late.skips[1].skipped, SkipReason::daemon_down);
  EXPECT_EQ(late.skips[1].folded, 1);
  const DueDecision too_late = decide("2026-11-20T02:00:00.000Z", "2026-11-23T08:00:00.001Z");
  EXPECT_EQ(text(too_late.fire), "none");
  EXPECT_EQ(too_late.skips.size(), 3U);
}

TEST_F(DueTest, LetsMissedOnesPassWhereThePolicySaysSo) {
  schedule_.missed = model::MissedPolicy::skip;
  EXPECT_EQ(text(decide("2026-11-22T02:00:00.000Z", "2026-11-23T02:02:00.000Z").fire), "2026-11-23T02:00:00.000Z")
      << "not missed, only a little late";
  const DueDecision missed = decide("2026-11-22T02:00:00.000Z", "2026-11-23T02:02:00.001Z");
  EXPECT_EQ(text(missed.fire), "none");
  EXPECT_EQ(missed.skips.size(), 1U);
}

TEST_F(DueTest, FoldsALongAbsenceIntoOneRow) {
  schedule_.cron = "*/10 * * * *";
  const DueDecision decision = decide("2026-11-22T00:00:00.000Z", "2026-11-23T00:05:00.000Z");
  EXPECT_EQ(text(decision.fire), "2026-11-23T00:00:00.000Z");
  ASSERT_EQ(decision.skips.size(), 1U);
  EXPECT_EQ(decision.skips[0].folded, 143);
  EXPECT_EQ(text(decision.skips[0].nominal_at), "2026-11-22T23:50:00.000Z");
}

TEST_F(DueTest, RecordsThePausedTimesAndFiresNone) {
  schedule_.enabled = false;
  const DueDecision paused = decide("2026-11-22T02:00:00.000Z", "2026-11-23T02:00:00.000Z");
  EXPECT_EQ(text(paused.fire), "none");
  ASSERT_EQ(paused.skips.size(), 1U);
  EXPECT_EQ(paused.skips[0].skipped, SkipReason::paused);
}

TEST_F(DueTest, DoesNotWalkThroughDecadesAfterAWrongClock) {
  schedule_.cron = "* * * * *";
  const DueDecision decision = decide("1970-01-01T00:00:00.000Z", "2026-11-23T02:00:00.000Z");
  ASSERT_EQ(decision.skips.size(), 1U);
  EXPECT_EQ(decision.skips[0].folded, 400 * 24 * 60 - 1);
}

}  // namespace
}  // namespace dyno::schedule
