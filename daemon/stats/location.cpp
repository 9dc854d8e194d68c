#include "stats/location.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "stats/descriptive.h"

namespace dyno::stats {
namespace {

constexpr int kExactUpTo = 30;  // values (a side): beyond, the normal approximation errs by less than one rank
constexpr double kNormal = 1.96;

// The largest C with P(statistic ≤ C − 1) ≤ tail, from how many of `total` equally likely outcomes give each value.
int exact_c(const std::vector<double>& ways, double total, double tail = kTail95) {
  double below = 0;
  for (std::size_t value = 0; value < ways.size(); ++value) {
    below += ways[value];
    if (below > tail * total) return static_cast<int>(value);
  }
  return 0;
}

int approximate_c(double mean, double variance, double normal = kNormal) {
  return std::max(0, static_cast<int>(std::floor(mean - normal * std::sqrt(variance))));
}

// How many subsets of {1 … n} have each sum: the null distribution of the signed-rank statistic. Exact in a double to n = 30.
std::vector<double> signed_rank_ways(int n) {
  std::vector<double> ways(static_cast<std::size_t>(n * (n + 1) / 2 + 1), 0);
  ways[0] = 1;
  for (int rank = 1; rank <= n; ++rank) {
    for (auto sum = static_cast<int>(ways.size()) - 1; sum >= rank; --sum) {
      ways[static_cast<std::size_t>(sum)] += ways[static_cast<std::size_t>(sum - rank)];
    }
  }
  return ways;
}

// How many orders of n and m values give each count of pairs in which the second is smaller: the coefficients of the Gaussian
// binomial, by multiplying with (1 − x^(n+i)) and dividing by (1 − x^i). They stay below 2^57 at 30 and 30, and what passes
// 64 bits on the way comes back, since unsigned arithmetic is exact modulo 2^64.
std::vector<double> rank_sum_ways(int n, int m) {
  const auto size = static_cast<std::size_t>(n) * static_cast<std::size_t>(m) + 1;
  std::vector<std::uint64_t> ways(size, 0);
  ways[0] = 1;
  for (int i = 1; i <= m; ++i) {
    const auto up = static_cast<std::size_t>(n) + static_cast<std::size_t>(i);
    for (std::size_t u = size; u-- > up;) ways[u] -= ways[u - up];
    for (auto u = static_cast<std::size_t>(i); u < size; ++u) ways[u] += ways[u - static_cast<std::size_t>(i)];
  }
  return {ways.begin(), ways.end()};
}

// A comparison of two nights asks for the same few of them thousands of times.
constexpr std::size_t kSizes = kExactUpTo + 1;

std::array<int, kSizes> signed_rank_table() {
  std::array<int, kSizes> table{};
  for (std::size_t n = 0; n < kSizes; ++n) {
    const auto k = static_cast<int>(n);
    table[n] = exact_c(signed_rank_ways(k), std::exp2(k));
  }
  return table;
}

std::array<std::array<int, kSizes>, kSizes> rank_sum_table() {
  std::array<std::array<int, kSizes>, kSizes> table{};
  for (std::size_t n = 0; n < kSizes; ++n) {
    for (std::size_t m = 0; m < kSizes; ++m) {
      const std::vector<double> ways = rank_sum_ways(static_cast<int>(n), static_cast<int>(m));
      table[n][m] = exact_c(ways, std::accumulate(ways.begin(), ways.end(), 0.0));
    }
  }
  return table;
}

// Candidates of which a few ranks are wanted, in buckets of equal width, so that only the buckets of those ranks are put in order: a comparison of pooled
// nights has hundreds of cells with up to ten thousand candidates each. A bucket never decreases with the value, so the ranks are exact; candidates that an
// outlier crowds into one bucket only take longer.
class Candidates {
 public:
  // `low` and `high`: the least and the greatest of `values`.
  Candidates(const std::vector<double>& values, double low, double high) : values_(values.size()) {
    const std::size_t buckets = std::clamp<std::size_t>(values.size() / 4, 1, kMostBuckets);
    double scale = static_cast<double>(buckets) / (high - low);
    if (!std::isfinite(scale)) scale = 0;
    const auto bucket_of = [&](double value) { return static_cast<std::size_t>((value - low) * scale); };
    ends_.assign(buckets + 2, 0);
    for (const double value : values) ++ends_[bucket_of(value) + 1];
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
    // Each end is the begin of its bucket until the bucket is full.
    for (const double value : values) values_[ends_[bucket_of(value)]++] = value;
  }

  std::size_t size() const { return values_.size(); }
  // The value that would stand at `place` if all were in order.
  double at(std::size_t place) {
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), place);
    const std::size_t from = end == ends_.begin() ? 0 : *(end - 1);
    const auto value = [&](std::size_t i) { return values_.begin() + static_cast<std::ptrdiff_t>(i); };
    std::nth_element(value(from), value(place), value(*end));
    return values_[place];
  }

 private:
  static constexpr std::size_t kMostBuckets = 1024;

  std::vector<double> values_;
  std::vector<std::uint32_t> ends_;  // of each bucket in `values_`
};

// Median and interval of the values among which the ranks decide; `c` of 0 gives no interval.
Location location_of(Candidates candidates, int n, int c) {
  Location location;
  location.n = n;
  const std::size_t size = candidates.size();
  const double upper = candidates.at(size / 2);
  location.value = size % 2 == 1 ? upper : std::midpoint(candidates.at(size / 2 - 1), upper);
  if (c > 0) {
    const auto from_end = static_cast<std::size_t>(c);
    location.ci95 = Interval{candidates.at(from_end - 1), candidates.at(size - from_end)};
  }
  return location;
}

}  // namespace

double normal_beyond(double tail) {
  double low = 0;
  double high = 40;
  for (int i = 0; i < 60; ++i) {
    const double middle = std::midpoint(low, high);
    if (std::erfc(middle / std::sqrt(2.0)) / 2 > tail) low = middle;
    else high = middle;
  }
  return high;
}

int signed_rank_c(int n) {
  CHECK(n >= 0, "a count");
  static const std::array<int, kSizes> kTable = signed_rank_table();
  const double k = n;
  if (n <= kExactUpTo) return kTable[static_cast<std::size_t>(n)];
  return approximate_c(k * (k + 1) / 4, k * (k + 1) * (2 * k + 1) / 24);
}

int rank_sum_c(int n, int m) {
  CHECK(n >= 0 && m >= 0, "counts");
  const double a = n;
  const double b = m;
  if (n > kExactUpTo || m > kExactUpTo) return approximate_c(a * b / 2, a * b * (a + b + 1) / 12);
  static const std::array<std::array<int, kSizes>, kSizes> kTable = rank_sum_table();
  return kTable[static_cast<std::size_t>(n)][static_cast<std::size_t>(m)];
}

int signed_rank_c(int n, double tail) {
  CHECK(n >= 0 && tail > 0, "a count and a probability");
  const double k = n;
  if (n <= kExactUpTo) return exact_c(signed_rank_ways(n), std::exp2(n), tail);
  return approximate_c(k * (k + 1) / 4, k * (k + 1) * (2 * k + 1) / 24, normal_beyond(tail));
}

int rank_sum_c(int n, int m, double tail) {
  CHECK(n >= 0 && m >= 0 && tail > 0, "counts and a probability");
  const double a = n;
  const double b = m;
  if (n > kExactUpTo || m > kExactUpTo) return approximate_c(a * b / 2, a * b * (a + b + 1) / 12, normal_beyond(tail));
  const std::vector<double> ways = rank_sum_ways(n, m);
  return exact_c(ways, std::accumulate(ways.begin(), ways.end(), 0.0), tail);
}

Location one_sample_location(std::span<const double> values, double tail) {
  CHECK(!values.empty(), "a statistic needs a value");
  std::vector<double> walsh;
  walsh.reserve(values.size() * (values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) walsh.push_back(std::midpoint(values[i], values[j]));
  }
  const auto n = static_cast<int>(values.size());
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return location_of({walsh, *low, *high}, n, tail == kTail95 ? signed_rank_c(n) : signed_rank_c(n, tail));
}

Location paired_effect(std::span<const double> a, std::span<const double> b) {
  CHECK(a.size() == b.size(), "pairs have two sides");
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(b[i] - a[i]);
  return one_sample_location(differences);
}

Location unpaired_effect(std::span<const double> a, std::span<const double> b) {
  CHECK(!a.empty() && !b.empty(), "an effect needs a value a side");
  std::vector<double> differences;
  differences.reserve(a.size() * b.size());
  for (const double from : a) {
    for (const double to : b) differences.push_back(to - from);
  }
  const auto n = static_cast<int>(a.size());
  const auto m = static_cast<int>(b.size());
  const auto [low_a, high_a] = std::minmax_element(a.begin(), a.end());
  const auto [low_b, high_b] = std::minmax_element(b.begin(), b.end());
  return location_of({differences, *low_b - *high_a, *high_b - *low_a}, std::min(n, m), rank_sum_c(n, m));
}

}  // namespace dyno::stats
