// Whether groups of one quantity differ by more than chance: nights of the same trials. By ranks (Kruskal–Wallis). Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace dyno::stats {

// Values by the night that they were measured in; the nights of one side, or those of pairs.
using Strata = std::map<std::int64_t, std::vector<double>>;

// The probability that groups of one distribution differ at least so much, by the chi-squared approximation. 1 where fewer than two groups have
// values, or all values are one.
double kruskal_wallis_p(std::span<const std::vector<double>> groups);

// Nights that differ more than chance (p < 0.05) share something that their trials do not show: the trials of one are then no more than one reading
// of the night, and the night is the unit.
bool nights_differ(const Strata& nights);
// The centre of each night (Hodges–Lehmann), in the order of their keys.
std::vector<double> centres(const Strata& nights);

}  // namespace dyno::stats
