#include "stats/location.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "base/check.h"
#include "stats/descriptive.h"

namespace dyno::stats {
namespace {

constexpr int kExactUpTo = 30;  // values (a side): beyond, the normal approximation errs by less than one rank
constexpr double kNormal = 1.96;
constexpr double kNormal95 = 1.9599639845400545;  // the same to the last digit

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

std::vector<double> in_order(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  if (!std::is_sorted(sorted.begin(), sorted.end())) std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// Values of pairs, as a matrix whose rows and columns never decrease, rounding included. Row i begins with column first(i).
struct WalshAverages {
  explicit WalshAverages(std::span<const double> all) : values(in_order(all)) {}
  std::size_t rows() const { return values.size(); }
  std::size_t columns() const { return values.size(); }
  static std::size_t first(std::size_t row) { return row; }
  double at(std::size_t row, std::size_t column) const { return (values[row] + values[column]) / 2; }
  std::size_t size() const { return values.size() * (values.size() + 1) / 2; }

  std::vector<double> values;
};

struct Differences {
  Differences(std::span<const double> a, std::span<const double> b) : from(in_order(a)), to(in_order(b)) {
    std::reverse(from.begin(), from.end());
  }
  std::size_t rows() const { return from.size(); }
  std::size_t columns() const { return to.size(); }
  static std::size_t first(std::size_t /*row*/) { return 0; }
  double at(std::size_t row, std::size_t column) const { return to[column] - from[row]; }
  std::size_t size() const { return from.size() * to.size(); }

  std::vector<double> from;
  std::vector<double> to;
};

// The values that would stand at a few places if all were in order. A comparison of pooled nights has hundreds of cells with up to ten thousand values each:
// they are counted in buckets of equal width, and only the buckets of those places are filled, by one walk along the edge between a bucket and what is
// beyond it. A bucket never decreases with the value, so the places are exact; values that an outlier crowds into one bucket only take longer.
template <class Matrix>
class Ranks {
 public:
  explicit Ranks(Matrix matrix) : matrix_(std::move(matrix)), low_(matrix_.at(0, matrix_.first(0))) {
    const auto buckets = static_cast<int>(std::clamp<std::size_t>(matrix_.size() / 4, 1, kMostBuckets));
    scale_ = buckets / (matrix_.at(matrix_.rows() - 1, matrix_.columns() - 1) - low_);
    if (!std::isfinite(scale_)) scale_ = 0;
    ends_.assign(static_cast<std::size_t>(buckets) + 1, 0);
    for (std::size_t row = 0; row < matrix_.rows(); ++row) {
      for (std::size_t column = matrix_.first(row); column < matrix_.columns(); ++column)
        ++ends_[static_cast<std::size_t>(bucket_of(row, column))];
    }
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
  }

  std::size_t size() const { return matrix_.size(); }
  double at(std::size_t place) {
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), place);
    const std::size_t begin = end == ends_.begin() ? 0 : *(end - 1);
    fill(static_cast<int>(end - ends_.begin()));
    const auto wanted = bucket_.begin() + static_cast<std::ptrdiff_t>(place - begin);
    std::nth_element(bucket_.begin(), wanted, bucket_.end());
    return *wanted;
  }

 private:
  static constexpr std::size_t kMostBuckets = 1024;

  int bucket_of(std::size_t row, std::size_t column) const {
    return static_cast<int>((matrix_.at(row, column) - low_) * scale_);
  }
  void fill(int bucket) {
    if (bucket == filled_) return;
    filled_ = bucket;
    bucket_.clear();
    std::size_t end = matrix_.columns();
    for (std::size_t row = 0; row < matrix_.rows(); ++row) {
      while (end > matrix_.first(row) && bucket_of(row, end - 1) > bucket) --end;
      for (std::size_t i = end; i > matrix_.first(row) && bucket_of(row, i - 1) == bucket; --i)
        bucket_.push_back(matrix_.at(row, i - 1));
    }
  }

  const Matrix matrix_;
  const double low_;
  double scale_ = 0;
  std::vector<std::uint32_t> ends_;  // of each bucket, had it been filled behind those below it
  int filled_ = -1;
  std::vector<double> bucket_;  // what is in that one
};

// Median and interval of the values among which the ranks decide; `c` of 0 gives no interval.
template <class Matrix>
Location location_of(Matrix matrix, int n, int c) {
  Ranks<Matrix> ranks(std::move(matrix));
  Location location;
  location.n = n;
  const std::size_t size = ranks.size();
  const double upper = ranks.at(size / 2);
  location.value = size % 2 == 1 ? upper : std::midpoint(ranks.at(size / 2 - 1), upper);
  if (c > 0) {
    const auto from_end = static_cast<std::size_t>(c);
    location.ci95 = Interval{ranks.at(from_end - 1), ranks.at(size - from_end)};
  }
  return location;
}

}  // namespace

double normal_beyond(double tail) {
  if (tail == kTail95) return kNormal95;
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
  const auto n = static_cast<int>(values.size());
  return location_of(WalshAverages(values), n, tail == kTail95 ? signed_rank_c(n) : signed_rank_c(n, tail));
}

Location unpaired_effect(std::span<const double> a, std::span<const double> b) {
  CHECK(!a.empty() && !b.empty(), "an effect needs a value a side");
  const auto n = static_cast<int>(a.size());
  const auto m = static_cast<int>(b.size());
  return location_of(Differences(a, b), std::min(n, m), rank_sum_c(n, m));
}

}  // namespace dyno::stats
