#include "stats/sequential.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "stats/location.h"

namespace dyno::stats {
namespace {

TEST(Sequential, LooksFromTenPairsOnAndAtTheLast) {
  EXPECT_EQ(looks_of(40), (std::vector<int>{10, 12, 14, 16, 19, 22, 26, 31, 37, 40}));
  EXPECT_EQ(looks_of(10), std::vector<int>{10});
  EXPECT_TRUE(looks_of(9).empty());
  EXPECT_TRUE(is_look(12, 40));
  EXPECT_FALSE(is_look(11, 40));
}

TEST(Sequential, HasNoLookAtWhichRanksCanShowNothing) {
  for (const int most : {10, 15, 40, 100, 300, 1000}) {
    SCOPED_TRACE(most);
    for (const int look : looks_of(most)) {
      SCOPED_TRACE(look);
      EXPECT_GE(tail_at(look, most), std::exp2(-look));
      EXPECT_GE(signed_rank_c(look, tail_at(look, most)), 1);
    }
  }
}

TEST(Sequential, SpendsAllOfTheLevelAtOneLook) { EXPECT_NEAR(tail_at(10, 10), kSequentialAlpha / 2, 1e-6); }

TEST(Sequential, IsLessSureOfNothingLater) {
  double sum = 0;
  for (const int look : looks_of(40)) {
    const double tail = tail_at(look, 40);
    EXPECT_LT(tail, kSequentialAlpha / 2);
    sum += 2 * tail;
  }
  EXPECT_GT(sum, kSequentialAlpha) << "looks share data, so that their levels add up to more";
  EXPECT_NEAR(2 * tail_at(10, 40), kSequentialAlpha * std::log1p((std::numbers::e - 1) * 0.25), 1e-6);
}

// The path of a sum of normal differences passes a boundary as often as the level says.
TEST(Sequential, KeepsTheLevelOverAllLooks) {
  constexpr int kPaths = 20'000;
  for (const int most : {12, 40, 100}) {
    SCOPED_TRACE(most);
    const std::vector<int> looks = looks_of(most);
    std::vector<double> limits;
    for (const int look : looks) limits.push_back(normal_beyond(tail_at(look, most)));
    Random random(18);
    int passed = 0;
    for (int path = 0; path < kPaths; ++path) {
      double sum = 0;
      std::size_t next = 0;
      bool is_over = false;
      for (int n = 1; n <= most && !is_over; ++n) {
        sum += std::sqrt(2 * random.exponential()) * std::cos(2 * std::numbers::pi * random.unit());
        if (n != looks[next]) continue;
        is_over = std::abs(sum) / std::sqrt(n) > limits[next++];
      }
      passed += is_over ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(passed) / kPaths, kSequentialAlpha, 0.003);
  }
}

// Where the time is up between two looks.
TEST(Sequential, LooksOutOfTurn) {
  EXPECT_LT(tail_at(23, 40), tail_at(22, 40));
  EXPECT_GT(tail_at(23, 40), 0);
  EXPECT_GT(tail_at(3, 40), 0);
}

}  // namespace
}  // namespace dyno::stats
