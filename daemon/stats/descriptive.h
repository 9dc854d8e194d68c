// The median of a handful of values, and the straight line through points. Pure, thread-safe; input order does not matter.
#pragma once

#include <span>

namespace dyno::stats {

// Needs at least one value (CHECK).
double median(std::span<const double> values);

struct Line {
  double slope = 0;
  double determination = 0;  // R²: the share of the spread of y that the line explains
};
// By least squares. As many x as y (CHECK); without a spread of x there is no line.
Line straight_line(std::span<const double> x, std::span<const double> y);

}  // namespace dyno::stats
