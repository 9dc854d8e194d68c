// What the row of a run in a list says besides: how many of its results are good, who leads, what changed since the last run of the same
// schedule, whether it was measured elsewhere, and what of it has gone. Values only.
#pragma once

#include <optional>
#include <string>

#include "base/units.h"
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

// That it was measured elsewhere.
struct Import {
  std::string from;  // the id of that database
  WallTime at{};
  bool operator==(const Import&) const = default;
};

struct RunOverview {
  std::optional<VerdictCounts> verdicts{};  // of one that ended with results
  std::optional<Winner> winner{};           // of one case nobody is the winner
  std::optional<ChangeCounts> change{};     // without a run before there is none
  std::optional<Import> imported{};
  std::optional<WallTime> series_removed_at{};  // its samples and seconds went then, to make room
};

}  // namespace dyno::model
