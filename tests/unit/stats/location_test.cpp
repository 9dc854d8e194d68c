#include "stats/location.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "stats/descriptive.h"

namespace dyno::stats {
namespace {

// Lines of tests/data/stats/golden.txt that begin with `word`, the word taken off.
std::vector<std::istringstream> golden(const std::string& word) {
  std::ifstream file(std::string(DYNO_SOURCE_DIR) + "/tests/data/stats/golden.txt");
  std::vector<std::istringstream> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(word + " ", 0) == 0) lines.emplace_back(line.substr(word.size()));
  }
  EXPECT_FALSE(lines.empty()) << word;
  return lines;
}

int take_int(std::istringstream& in) {
  int value = -1;
  in >> value;
  return value;
}

double take(std::istringstream& in) {
  std::string text;
  in >> text;
  return std::stod(text);
}

std::vector<double> take_values(std::istringstream& in, int n) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back(take(in));
  return values;
}

void expect_location(const Location& actual, std::istringstream& in) {
  EXPECT_NEAR(actual.value, take(in), 1e-9) << in.str();
  std::string low, high;
  in >> low >> high;
  ASSERT_EQ(actual.ci95.has_value(), low != "-") << in.str();
  if (!actual.ci95) return;
  EXPECT_NEAR(actual.ci95->low, std::stod(low), 1e-9) << in.str();
  EXPECT_NEAR(actual.ci95->high, std::stod(high), 1e-9) << in.str();
}

TEST(Location, CountsRanksAsSciPyDoes) {
  for (auto& line : golden("signed_rank_c")) {
    const int n = take_int(line);
    EXPECT_EQ(signed_rank_c(n), take_int(line)) << "n = " << n;
  }
  for (auto& line : golden("rank_sum_c")) {
    const int n = take_int(line);
    const int m = take_int(line);
    const int c = take_int(line);
    EXPECT_EQ(rank_sum_c(n, m), c) << n << " and " << m;
    EXPECT_EQ(rank_sum_c(m, n), c) << m << " and " << n;
  }
}

TEST(Location, ApproximatesBeyondThirtyWithoutAJump) {
  EXPECT_EQ(signed_rank_c(31), 147);   // ⌊248 − 1.96·√2604⌋
  EXPECT_EQ(rank_sum_c(31, 30), 329);  // ⌊465 − 1.96·√4805⌋
  EXPECT_GT(signed_rank_c(31), signed_rank_c(30));
}

// Ranks are found by buckets; ties, an outlier and a spread of almost nothing crowd them.
TEST(Location, FindsTheRanksThatSortingFinds) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  for (int round = 0; round < 400; ++round) {
    const int n = 1 + round % 110;
    std::vector<double> values;
    for (int i = 0; i < n; ++i) {
      const double value = normal(random);
      values.push_back(round % 4 == 0 ? std::round(value) : round % 4 == 1 ? 1 + 1e-300 * value : value);
    }
    if (round % 3 == 0) values[0] = 1e9;
    std::vector<double> walsh;
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t j = i; j < values.size(); ++j) walsh.push_back(std::midpoint(values[i], values[j]));
    }
    const Location found = one_sample_location(values);
    std::sort(walsh.begin(), walsh.end());
    EXPECT_EQ(found.value, median(walsh)) << "round " << round;
    const int c = signed_rank_c(n);
    ASSERT_EQ(found.ci95.has_value(), c > 0);
    if (c == 0) continue;
    EXPECT_EQ(found.ci95->low, walsh[static_cast<std::size_t>(c - 1)]) << "round " << round;
    EXPECT_EQ(found.ci95->high, walsh[walsh.size() - static_cast<std::size_t>(c)]) << "round " << round;
  }
}

TEST(Location, FindsWhatSciPyFindsForOneSample) {
  for (auto& line : golden("one_sample")) {
    const std::vector<double> values = take_values(line, take_int(line));
    expect_location(one_sample_location(values), line);
  }
}

TEST(Location, FindsWhatSciPyFindsForTwoSamples) {
  for (auto& line : golden("unpaired")) {
    const int n = take_int(line);
    const int m = take_int(line);
    const std::vector<double> a = take_values(line, n);
    const std::vector<double> b = take_values(line, m);
    expect_location(unpaired_effect(a, b), line);
  }
}

TEST(Location, OfSixReachesFromTheLeastToTheGreatest) {
  const std::vector<double> six{1, 2, 3, 4, 5, 6};
  const Location effect = one_sample_location(six);
  EXPECT_EQ(effect.value, 3.5);
  EXPECT_EQ(effect.n, 6);
  ASSERT_TRUE(effect.ci95);
  EXPECT_EQ(effect.ci95->low, 1);
  EXPECT_EQ(effect.ci95->high, 6);
}

TEST(Location, OfFiveCarriesNoInterval) {
  const std::vector<double> five{1, 2, 3, 4, 5};
  EXPECT_FALSE(one_sample_location(five).ci95);
  EXPECT_EQ(one_sample_location(five).value, 3);
}

// The promise behind every printed interval: it holds the truth in 95 of 100 cases, rather more than less.
TEST(Location, CoversTheTruthAsOftenAsItSays) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal(10, 0.05);
  for (const int n : {6, 10, 15}) {
    int covered = 0;
    constexpr int kRounds = 3000;
    for (int round = 0; round < kRounds; ++round) {
      std::vector<double> values;
      for (int i = 0; i < n; ++i) values.push_back(normal(random));
      const Interval interval = *one_sample_location(values).ci95;
      if (interval.low <= 10 && 10 <= interval.high) ++covered;
    }
    const double share = static_cast<double>(covered) / kRounds;
    EXPECT_GE(share, 0.94) << n;
    EXPECT_LE(share, n == 6 ? 0.98 : 0.965) << n;
  }
}

TEST(Descriptive, FindsTheMedianThatNumPyFinds) {
  for (auto& line : golden("median")) {
    const std::vector<double> values = take_values(line, take_int(line));
    EXPECT_NEAR(median(values), take(line), 1e-9);
  }
}

}  // namespace
}  // namespace dyno::stats
