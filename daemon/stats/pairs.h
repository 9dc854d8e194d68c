// How far two sides lie apart that were measured pair by pair, in blocks: two tests by ranks, and which of them a sample wants.
// Where the machine did something to a whole block, its two trials share it, and their difference is rid of it: signed ranks of the differences.
// Where each trial has luck of its own (a fresh process on a neighbour's busy core), a difference has that of both; then both sides are ranked
// together, and what such a sum of ranks may be by chance follows from swapping the two trials of each block, as their order was drawn:
// Lam and Longnecker, "A modified Wilcoxon rank sum test for paired data", Biometrika 70 (1983), with the permutation distribution instead of its
// normal approximation. Either holds its level however much blocks share. Give them logarithms. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <span>

#include "stats/location.h"

namespace dyno::stats {

// The trials of one block. Those of a night stand together.
struct Pair {
  std::int64_t night = 0;
  double a = 0;
  double b = 0;
};

// Whether the two trials of one block are much nearer to each other than to the other side's of other blocks of their night: the median distance of the
// former is less than a third of that of the latter, the effect taken off. True where no night has two blocks. At least one pair.
bool blocks_share(std::span<const Pair> pairs);

// b − a: the median of all differences of trials of one night, and the shifts that swapping within blocks does not reject, with this probability at
// each end. Exact up to 16 pairs, by the normal approximation above, which is wider. At least one pair; the interval is absent where so few
// pairs cannot carry it.
Location pooled_pair_effect(std::span<const Pair> pairs, double tail = kTail95);

}  // namespace dyno::stats
