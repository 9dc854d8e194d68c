// Whether groups of one quantity differ by more than chance: nights of the same trials. By ranks (Kruskal–Wallis). Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dyno::stats {

// A value, and the night that it was measured in; of one side, or of pairs.
struct NightValue {
  std::int64_t night = 0;
  double value = 0;
};

// In the order of their values, as the functions below take them.
std::vector<NightValue> ranked(std::vector<NightValue> values);

// The probability that groups of one distribution differ at least so much, by the chi-squared approximation. 1 where there are fewer than two
// groups, or all values are one.
double kruskal_wallis_p(std::span<const NightValue> ranked);

// Nights that differ more than chance (p < 0.05) share something that their trials do not show: the trials of one are then no more than one reading
// of the night, and the night is the unit.
bool nights_differ(std::span<const NightValue> ranked);
// What an interval counts: where nights differ the centre of each (Hodges–Lehmann), in the order of their keys; else the values as they are. These
// may be in any order.
std::vector<double> units_of(std::span<const NightValue> values, bool differ);

}  // namespace dyno::stats
