// What the row of a run in a list says of its results: how many of them are good, who leads, and what changed since the last run of the same
// schedule. Values only.
#pragma once

#include <optional>
#include <string>

#include "model/metric.h"

namespace dyno::model {

// Summaries by validity.
struct VerdictCounts {
  int valid = 0;
  int degraded = 0;
  int invalid = 0;
  bool operator==(const VerdictCounts&) const = default;
};

// Who has the best value of the run's first phase with a closed loop.
struct Winner {
  std::string stack;
  std::string case_name;
  std::string phase;
  MetricName metric = MetricName::throughput_per_s;
  double value = 0;
  int n = 0;              // trials
  int cases = 0;          // that have a value there
  bool is_clear = false;  // a comparison decides it against each of the others
  bool operator==(const Winner&) const = default;
};

// Decisions of the comparison with the run before.
struct ChangeCounts {
  std::string before;  // that run
  int better = 0;
  int worse = 0;
  int same = 0;
  int inconclusive = 0;
  bool operator==(const ChangeCounts&) const = default;
};

struct RunOverview {
  VerdictCounts verdicts;
  std::optional<Winner> winner{};        // of one case nobody is the winner
  std::optional<ChangeCounts> change{};  // without a run before there is none
};

}  // namespace dyno::model
