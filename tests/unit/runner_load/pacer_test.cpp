#include "runners/load/pacer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

// A steady rate that lives as long as the tests.
const RateCurve& at(double per_s) {
  static std::map<double, RateCurve> curves;
  return curves.try_emplace(per_s, per_s).first->second;
}

std::vector<std::int64_t> due_times(Pacer pacer, int count) {
  std::vector<std::int64_t> times;
  for (int i = 0; i < count; ++i, pacer.advance()) times.push_back(pacer.due_ns());
  return times;
}

TEST(Pacer, SpacesEvenly) {
  EXPECT_EQ(due_times(Pacer(1000, at(1e6), Arrivals::even, 0, 1, 0), 4),
            (std::vector<std::int64_t>{1000, 2000, 3000, 4000}));
  // 3 a second does not divide a second: nothing may drift.
  EXPECT_EQ(due_times(Pacer(0, at(3), Arrivals::even, 0, 1, 0), 7).back(), 2'000'000'000);
}

TEST(Pacer, DoesNotDriftOverTenMinutes) {
  Pacer pacer(5, at(30'000), Arrivals::even, 0, 1, 0);
  for (int i = 0; i < 30'000 * 600; ++i) pacer.advance();
  EXPECT_EQ(pacer.due_ns(), 600'000'000'005);
}

TEST(Pacer, GivesEachWorkerEveryNthRequest) {
  std::vector<std::int64_t> together;
  for (int worker = 0; worker < 3; ++worker) {
    for (const std::int64_t due : due_times(Pacer(0, at(1000), Arrivals::even, worker, 3, 0), 4))
      together.push_back(due);
  }
  std::sort(together.begin(), together.end());
  EXPECT_EQ(together, due_times(Pacer(0, at(1000), Arrivals::even, 0, 1, 0), 12));
}

TEST(Pacer, DrawsPoissonArrivalsOfTheSameRateFromItsSeed) {
  const auto one = due_times(Pacer(0, at(1000), Arrivals::poisson, 0, 1, 7), 100'000);
  EXPECT_EQ(one, due_times(Pacer(0, at(1000), Arrivals::poisson, 0, 1, 7), 100'000));
  EXPECT_NE(one, due_times(Pacer(0, at(1000), Arrivals::poisson, 0, 1, 8), 100'000));
  const double mean_ns = static_cast<double>(one.back()) / static_cast<double>(one.size());
  EXPECT_NEAR(mean_ns, 1e6, 1e6 * 0.02);
  double squares = 0;
  for (std::size_t i = 1; i < one.size(); ++i) {
    const double gap = static_cast<double>(one[i] - one[i - 1]);
    ASSERT_GE(gap, 0);
    squares += (gap - mean_ns) * (gap - mean_ns);
  }
  // Exponential gaps: the standard deviation equals the mean.
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(one.size())) / mean_ns, 1, 0.03);
}

TEST(Pacer, FollowsACurveEvenlyAndAtRandom) {
  // From 0 to 1000/s in a second: 500 requests, of which the first quarter takes half the time.
  const RateCurve ramp(std::vector<RatePoint>{{0, 0}, {1'000'000'000, 1000}, {1'000'000'000, 0}});
  const auto even = due_times(Pacer(7, ramp, Arrivals::even, 0, 1, 0), 501);
  EXPECT_NEAR(static_cast<double>(even[125] - 7), 0.5e9, 1000);
  EXPECT_LT(even[499], 1'000'000'007);
  EXPECT_EQ(even[500], kNever);
  std::int64_t drawn = 0;
  std::int64_t early = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (Pacer pacer(0, ramp, Arrivals::poisson, 0, 1, seed); pacer.due_ns() != kNever; pacer.advance()) {
      ++drawn;
      early += pacer.due_ns() < 500'000'000 ? 1 : 0;
    }
  }
  EXPECT_NEAR(static_cast<double>(drawn) / 200, 500, 7);
  EXPECT_NEAR(static_cast<double>(early) / static_cast<double>(drawn), 0.25, 0.01);
}

}  // namespace
}  // namespace dyno::loadgen
