// The median of a handful of values. Pure, thread-safe; input order does not matter. It needs at least one value (CHECK).
#pragma once

#include <span>

namespace dyno::stats {

double median(std::span<const double> values);

}  // namespace dyno::stats
