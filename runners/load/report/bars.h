// The small histogram of a report for a person: how the times spread, in ten rows up to the 99th percentile and one row
// of what is beyond. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "runners/load/report/known_times.h"

namespace dyno::loadgen {

struct Bar {
  std::int64_t up_to_ns = 0;  // 0: the rest, whatever it took
  std::uint64_t count = 0;
};

// Empty where the values are too few to spread, or all the same.
std::vector<Bar> bars_of(const Times& times);

}  // namespace dyno::loadgen
