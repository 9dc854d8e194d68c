// Whether a warm-up has settled: the last ten half-seconds of throughput show no trend (Kendall, p > 0.05) and their halves differ
// by less than 3 %. Pure.
#pragma once

#include <vector>

namespace dyno::loadgen {

bool is_steady(const std::vector<double>& windows);

}  // namespace dyno::loadgen
