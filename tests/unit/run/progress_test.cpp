#include "run/progress.h"

#include <gtest/gtest.h>

namespace dyno::run {
namespace {

using std::chrono::seconds;

constexpr MonotonicTime kT0 = monotonic_from_ns(1'000);
constexpr WallTime kWall = wall_from_ns(1'700'000'000'000'000'000);

TEST(Progress, EndsAtThePlannedTimeUntilSomethingHasFinished) {
  ProgressMeter meter({seconds(10), seconds(30)}, 1);
  const auto p = meter.at(kT0, kWall, 1, "a", "starting", "");
  EXPECT_DOUBLE_EQ(p.done_ratio, 0);
  EXPECT_EQ(*p.eta_at, kWall + seconds(40));
}

TEST(Progress, TakesThePaceOfTheFinishedTrials) {
  ProgressMeter meter({seconds(10), seconds(30)}, 1);
  meter.begin_trial(0, kT0);
  meter.end_trial(kT0 + seconds(20));
  const auto p = meter.at(kT0 + seconds(20), kWall, 1, "a", "starting", "");
  EXPECT_DOUBLE_EQ(p.done_ratio, 0.25);
  EXPECT_EQ(*p.eta_at, kWall + seconds(60));
}

TEST(Progress, NeverCountsMoreOfATrialThanItsPlannedTime) {
  ProgressMeter meter({seconds(10), seconds(30)}, 1);
  meter.begin_trial(0, kT0);
  EXPECT_DOUBLE_EQ(meter.at(kT0 + seconds(500), kWall, 1, "a", "", "").done_ratio, 0.25);
}

TEST(Progress, GrowsWithinATrial) {
  ProgressMeter meter({seconds(10), seconds(30)}, 1);
  meter.begin_trial(0, kT0);
  EXPECT_NEAR(meter.at(kT0 + seconds(4), kWall, 1, "a", "", "").done_ratio, 0.1, 1e-9);
}

TEST(Progress, TakesNoPaceFromATrialThatWasCutShort) {
  ProgressMeter meter({seconds(10), seconds(30)}, 1);
  meter.begin_trial(0, kT0);
  meter.end_trial(kT0 + seconds(1), false);
  const auto p = meter.at(kT0 + seconds(1), kWall, 1, "a", "starting", "");
  EXPECT_DOUBLE_EQ(p.done_ratio, 0.25);
  EXPECT_EQ(*p.eta_at, kWall + seconds(30));
}

TEST(Progress, DoesNotWaitForTrialsThatAreLeftOut) {
  ProgressMeter meter({seconds(10), seconds(30), seconds(10), seconds(30)}, 1);
  meter.begin_trial(0, kT0);
  meter.end_trial(kT0 + seconds(20));
  meter.leave_out(1);
  meter.leave_out(3);
  meter.leave_out(3);
  const auto p = meter.at(kT0 + seconds(20), kWall, 1, "a", "starting", "");
  EXPECT_DOUBLE_EQ(p.done_ratio, 0.5);
  EXPECT_EQ(*p.eta_at, kWall + seconds(20)) << "twice the planned time, as the one before";
}

}  // namespace
}  // namespace dyno::run
