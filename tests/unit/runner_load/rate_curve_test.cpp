#include "runners/load/rate_curve.h"

#include <cmath>

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

double time_of(const RateCurve& curve, double count) {
  std::size_t hint = 0;
  return curve.time_of(count, hint) / 1e9;
}

constexpr std::int64_t kS = 1'000'000'000;

TEST(RateCurve, StaysSteadyWithoutPoints) {
  const RateCurve curve(200);
  EXPECT_DOUBLE_EQ(time_of(curve, 0), 0);
  EXPECT_DOUBLE_EQ(time_of(curve, 1000), 5);
  EXPECT_DOUBLE_EQ(curve.peak_per_s(), 200);
}

TEST(RateCurve, StepsWhereTwoPointsShareAMoment) {
  const RateCurve curve(std::vector<RatePoint>{{0, 100}, {2 * kS, 100}, {2 * kS, 400}});
  EXPECT_NEAR(time_of(curve, 199), 1.99, 1e-9);
  EXPECT_NEAR(time_of(curve, 200 + 399), 2 + 399 / 400.0, 1e-9);
  EXPECT_DOUBLE_EQ(curve.peak_per_s(), 400);
}

TEST(RateCurve, RampsUpAndDown) {
  const RateCurve curve(std::vector<RatePoint>{{0, 100}, {10 * kS, 300}, {20 * kS, 0}});
  // Areas: 100·t + 10·t² up to 2000, then 1500 more.
  EXPECT_NEAR(time_of(curve, 100 * 5 + 10 * 25), 5, 1e-9);
  EXPECT_NEAR(time_of(curve, 2000), 10, 1e-9);
  EXPECT_NEAR(time_of(curve, 3499.9999), 20, 0.01);
  EXPECT_TRUE(std::isinf(time_of(curve, 3500)));
}

TEST(RateCurve, SpikesAndRests) {
  const RateCurve curve(
      std::vector<RatePoint>{{0, 0}, {kS, 0}, {kS, 5000}, {2 * kS, 5000}, {2 * kS, 0}, {3 * kS, 0}, {3 * kS, 10}});
  EXPECT_NEAR(time_of(curve, 0), 1, 1e-9) << "nothing is due while the rate is 0";
  EXPECT_NEAR(time_of(curve, 4999), 1.9998, 1e-9);
  EXPECT_NEAR(time_of(curve, 5001), 3.1, 1e-9);
}

TEST(RateCurve, HoldsTheFirstRateUntilALateFirstPoint) {
  EXPECT_NEAR(time_of(RateCurve(std::vector<RatePoint>{{kS, 10}, {2 * kS, 20}}), 10), 1, 1e-9);
}

}  // namespace
}  // namespace dyno::loadgen
