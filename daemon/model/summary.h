// A summary: one metric of one case (and phase) over its trials, with its interval and verdict. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/reading.h"

namespace dyno::model {

struct Interval {
  double low = 0;
  double high = 0;
  auto operator<=>(const Interval&) const = default;
};

// What one trial gave to a summary.
struct TrialValue {
  int block = 0;  // 1 first
  double value = 0;
  Validity validity = Validity::valid;
  Bound bound = Bound::none;
  std::int64_t night = 0;  // of several that are pooled: whatever tells them apart
  bool operator==(const TrialValue&) const = default;
};

struct Summary {
  std::string case_name;
  std::string phase;  // empty: a metric of the trial (start-up, memory, image)
  MetricName metric = MetricName::throughput_per_s;
  double value = 0;  // exp(median of the Walsh averages of ln y); the plain median where a value is not positive
  int n = 0;
  std::optional<Interval> ci95;        // from n = 6 on; from six nights on, where they differ
  std::optional<Interval> range;       // least and greatest value, whenever n ≥ 2
  std::vector<double> values;          // the trials' values, in trial order
  std::vector<TrialValue> readings{};  // the same with all that is known of them, and the invalid ones, too
  Validity validity = Validity::valid;
  Bound bound = Bound::none;
  int nights = 1;                 // that the values are of
  bool nights_differ = false;     // more than chance: then the night is the unit of the interval, and of the value
  std::vector<GateResult> gates;  // of all readings of the cell, those left out too: each once, at its worst
};

}  // namespace dyno::model
