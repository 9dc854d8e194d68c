// Which percentiles of a report are known, for every form that tells them. A tail needs ten values beyond it to be more than one of
// them, and no request in it that was never answered: those waited at least so long, and would have taken any time. Pure.
#pragma once

#include <array>
#include <string>

#include "runners/load/run_load.h"

namespace dyno::loadgen {

constexpr std::array<double, 6> kPercents = {50, 90, 99, 99.9, 99.99, 100};
std::string percent_name(double percent);  // p99.9, max

enum class Known { yes, too_few, unanswered };

// A histogram, and from which value on it holds requests that were never answered.
struct Times {
  const stats::Histogram& values;
  std::int64_t unknown_from_ns;

  Known known(double percent) const;
  // Where nothing was left unanswered, or where that is in no place that it would move.
  bool has_known_mean() const { return values.max_ns() < unknown_from_ns; }
};

// From when a request was due (open loop) or from its send; the requests that were never answered are in both.
Times response_of(const LoadReport& report);
Times service_of(const LoadReport& report);
// What people call latency: the former in an open loop, the latter in a closed one.
Times main_times_of(const LoadReport& report);
// Times in which nothing can be unanswered.
Times complete(const stats::Histogram& values);

}  // namespace dyno::loadgen
