// Where a sample lies and how far two lie apart: Hodges–Lehmann estimates with intervals of confidence 95 %, or another level, from ranks. They
// assume no normal distribution, only that trials are independent and, for one sample and for pairs, symmetric in the log.
// Give them logarithms: the difference of two logarithms is the logarithm of the ratio. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <span>

namespace dyno::stats {

struct Interval {
  double low = 0;
  double high = 0;
};

// Of an interval of 95 %: the probability at each of its ends.
inline constexpr double kTail95 = 0.025;

struct Location {
  double value = 0;
  int n = 0;  // values, pairs, or the smaller of both sides
  std::optional<Interval>
      ci95;  // absent where so few values cannot carry 95 %: fewer than six, or than four a side; of the level that was asked for
};

// Median of the Walsh averages (y_i + y_j)/2, i ≤ j. At least one value.
Location one_sample_location(std::span<const double> values, double tail = kTail95);
// Median of all differences b_j − a_i; at least one value a side.
Location unpaired_effect(std::span<const double> a, std::span<const double> b);

// The interval reaches from the C-th smallest to the C-th largest Walsh average (or difference). C comes from the exact null
// distribution of the signed-rank (or rank-sum) statistic up to 30 values (a side), from its normal approximation above.
// 0: no interval of 95 % exists.
int signed_rank_c(int n);
int rank_sum_c(int n, int m);
// The same with this probability at each end instead of 2.5 %: for one of many intervals that shall hold together.
int signed_rank_c(int n, double tail);
int rank_sum_c(int n, int m, double tail);

// How many standard errors a normal variable exceeds with this probability.
double normal_beyond(double tail);

}  // namespace dyno::stats
