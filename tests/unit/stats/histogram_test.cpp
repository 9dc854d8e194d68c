#include "stats/histogram.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace dyno::stats {
namespace {

using Values = std::vector<std::int64_t>;

Histogram of(const Values& values) {
  Histogram histogram;
  for (const std::int64_t value : values) histogram.record(value);
  return histogram;
}

std::int64_t exact_percentile(const Values& sorted, double percent) {
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()) * (1 - 1e-14));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

struct Shape {
  const char* name;
  Values values;
};

std::vector<Shape> shapes() {
  std::mt19937_64 random(7);
  std::vector<Shape> all = {
      {"one", {123'456'789}}, {"bucket edges", {}}, {"uniform", {}}, {"log-uniform", {}}, {"two modes", {}}};
  for (int power = 10; power < 36; ++power) {
    for (std::int64_t delta = -1; delta <= 1; ++delta) {
      const std::int64_t value = (std::int64_t{1} << power) + delta;
      if (value <= Histogram::kHighestNs) all[1].values.push_back(value);
    }
  }
  std::uniform_int_distribution<std::int64_t> uniform(1, Histogram::kHighestNs);
  std::uniform_real_distribution<double> exponent(std::log(1000.0), std::log(6e10));
  for (int i = 0; i < 20'000; ++i) {
    all[2].values.push_back(uniform(random));
    all[3].values.push_back(static_cast<std::int64_t>(std::exp(exponent(random))));
    all[4].values.push_back(i % 100 == 0 ? 100'000'000 + i : 50'000 + i % 97);
  }
  return all;
}

TEST(Histogram, KeepsEveryPercentileWithinAThousandth) {
  for (Shape& shape : shapes()) {
    const Histogram histogram = of(shape.values);
    std::sort(shape.values.begin(), shape.values.end());
    for (const double percent : {0.001, 1.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
      const auto exact = static_cast<double>(exact_percentile(shape.values, percent));
      const auto read = static_cast<double>(histogram.percentile_ns(percent));
      EXPECT_GE(read, exact) << shape.name << " p" << percent;
      EXPECT_LE(read, exact * 1.001) << shape.name << " p" << percent;
    }
  }
}

TEST(Histogram, RanksWithoutBinaryRoundingErrors) {
  Values values;
  for (int i = 1; i <= 1000; ++i) values.push_back(i);
  const Histogram histogram = of(values);
  EXPECT_EQ(histogram.percentile_ns(99.9), 999);
  EXPECT_EQ(histogram.percentile_ns(99.0), 990);
  EXPECT_EQ(histogram.percentile_ns(100), 1000);
  EXPECT_EQ(histogram.percentile_ns(0.0001), 1);
}

TEST(Histogram, IsExactBelowTwoMicroseconds) {
  const Histogram histogram = of({0, 1, 999, 1000, 2047});
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_EQ(histogram.percentile_ns(60), 999);
  EXPECT_EQ(histogram.max_ns(), 2047);
  EXPECT_DOUBLE_EQ(histogram.mean_ns(), (0 + 1 + 999 + 1000 + 2047) / 5.0);
}

TEST(Histogram, CountsWhatLiesOutsideAtItsEdges) {
  const Histogram histogram = of({-5, Histogram::kHighestNs + 1'000'000'000});
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_GE(histogram.max_ns(), Histogram::kHighestNs);
  EXPECT_LE(static_cast<double>(histogram.max_ns()), 1.001 * static_cast<double>(Histogram::kHighestNs));
}

TEST(Histogram, CountsAboveAValue) {
  const Histogram histogram = of({10, 20, 20, 30});
  EXPECT_EQ(histogram.count_above(9), 4U);
  EXPECT_EQ(histogram.count_above(20), 1U);
  EXPECT_EQ(histogram.count_above(30), 0U);
}

TEST(Histogram, AnswersZeroWhenEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.percentile_ns(50), 0);
  EXPECT_EQ(histogram.max_ns(), 0);
  EXPECT_EQ(histogram.mean_ns(), 0);
}

TEST(Histogram, MergesInAnyOrder) {
  const std::vector<Shape> all = shapes();
  const Histogram a = of(all[2].values), b = of(all[3].values), c = of(all[4].values);
  Histogram left = a, right = b, together;
  left.merge(b);
  left.merge(c);
  right.merge(c);
  together = right;
  together.merge(a);
  EXPECT_EQ(left, together);
  Values everything = all[2].values;
  everything.insert(everything.end(), all[3].values.begin(), all[3].values.end());
  everything.insert(everything.end(), all[4].values.begin(), all[4].values.end());
  EXPECT_EQ(left, of(everything));
}

TEST(Histogram, ComesBackFromItsEncoding) {
  EXPECT_EQ(Histogram::decode(Histogram().encode()).value(), Histogram());
  for (const Shape& shape : shapes()) {
    const Histogram histogram = of(shape.values);
    const Result<Histogram> back = Histogram::decode(histogram.encode());
    ASSERT_TRUE(back) << shape.name << ": " << back.error().message;
    EXPECT_EQ(*back, histogram) << shape.name;
  }
  Histogram many;
  many.record_many(5'000'000, 1'000'000'000'000'000);
  EXPECT_EQ(Histogram::decode(many.encode()).value(), many);
}

// Written by npm hdr-histogram-js 3.0.1: build({lowestDiscernibleValue: 1, highestTrackableValue: 6e10,
// numberOfSignificantValueDigits: 3}) with 1000, 1001 (three times), 250000, 1234567890 and 60000000000 recorded.
constexpr const char* kForeign = "HISTFAAAADJ4nJNpmSzMwMDAx8DAwMjAwMDMAAEgNu8P9wgGGP88PxPb2zqmt4cZmQ5HMgEAmHsIIw==";

TEST(Histogram, ReadsWhatAnotherImplementationWrote) {
  const Result<Histogram> read = Histogram::decode(kForeign);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, of({1000, 1001, 1001, 1001, 250'000, 1'234'567'890, 60'000'000'000}));
}

TEST(Histogram, RefusesHostileEncodings) {
  const std::string good = of({1000, 2000, 60'000'000'000}).encode();
  ASSERT_TRUE(Histogram::decode(good));
  const std::vector<std::pair<const char*, std::string>> rows = {
      {"nothing", ""},
      {"no base64", "!!!!"},
      {"half a group", good.substr(0, good.size() - 3)},
      {"cut", good.substr(0, good.size() / 8 * 4)},
      {"another cookie", "AAAA" + good.substr(4)},
      {"megabytes", std::string(8'000'000, 'A')},
      {"an uncompressed histogram", "HISTEwAAAAAAAAAAAAAAAwAAAAAAAAABAAAADfhHWAA/8AAAAAAAAA=="},
  };
  for (const auto& [name, text] : rows) EXPECT_FALSE(Histogram::decode(text)) << name;
  for (std::size_t at = 0; at < good.size();
       ++at) {  // a flipped character is refused or still a histogram, never a crash
    std::string flipped = good;
    flipped[at] = flipped[at] == 'A' ? 'B' : 'A';
    (void)Histogram::decode(flipped);
  }
}

TEST(Histogram, PrintsItsDistribution) {
  Values values;
  for (int i = 1; i <= 1000; ++i) values.push_back(i * 1'000'000);
  const std::string text = of(values).hgrm();
  EXPECT_NE(text.find("Value     Percentile TotalCount 1/(1-Percentile)"), std::string::npos) << text;
  EXPECT_NE(text.find("1.000000000000       1000\n"), std::string::npos) << text;
  EXPECT_NE(text.find("#[Mean    =   500.5"), std::string::npos) << text;
  EXPECT_NE(text.find(", StdDeviation   =   288.6"), std::string::npos) << text;
  EXPECT_NE(text.find("#[Max     =  1000."), std::string::npos) << text;
  EXPECT_NE(text.find(", Total count    =         1000]\n#[Buckets = "), std::string::npos) << text;
}

}  // namespace
}  // namespace dyno::stats
