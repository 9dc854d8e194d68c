// Whether a warm-up has settled: the throughputs of the last ten windows show no trend (Kendall, p > 0.05) and their halves differ by
// less than 3 %. Pure.
#pragma once

#include <vector>

namespace dyno::loadgen {

constexpr int kSteadyWindows = 10;

bool is_steady(const std::vector<double>& windows);

}  // namespace dyno::loadgen
