// By which factor two samples differ, with its interval, and how large a difference would have to be for this noise to let it be seen. On
// logarithms, by ranks (stats/location, stats/pairs). Knows no metric, no direction and no band: what follows from the factor is decided in
// results/compare. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "stats/location.h"

namespace dyno::stats {

// A trial's value, and the block and the night that it was measured in.
struct BlockValue {
  int block = 0;
  double value = 0;
  std::int64_t night = 0;  // whatever tells nights apart; the same everywhere where one night is all there is
};

enum class Design { unpaired, paired };

// One side of a comparison.
struct Side {
  std::span<const BlockValue> values;
  std::optional<bool> nights_differ{};  // of these very values, where that is known already
};

struct Factor {
  double value = 1;                  // b as a multiple of a
  std::optional<Interval> ci95;      // in the same terms; absent where so few values carry none
  int n = 0;                         // pairs, or the smaller side; nights where they differ
  bool nights_differ = false;        // more than chance: then the night is the unit, not the trial
  std::optional<double> resolution;  // the least relative difference that 80 % of such comparisons tell from none
};

// Paired: both sides were measured in the same blocks of the same nights, which cancels what the machine did in a block (stats/pairs tells how); where a side has
// several values in a block their median stands for it. Nothing where a value is not positive (no logarithm, no factor), a side is empty, or, for pairs, no block has both.
// `tail`: the probability at each end of the interval of pairs; with less of it the interval is wider, and so is what can be told from none.
std::optional<Factor> factor_of(const Side& a, const Side& b, Design design, double tail = kTail95);

}  // namespace dyno::stats
