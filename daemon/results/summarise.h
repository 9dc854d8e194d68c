// The result of a run from the readings of its trials: one summary a case, phase and metric. The unit of every statistic is the
// trial; invalid readings and failed trials enter none. Pure functions, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "model/measurement.h"
#include "model/run.h"
#include "model/summary.h"
#include "stats/location.h"

namespace dyno::results {

// The version of these rules. Stored summaries name the one they were made by; raise it where the same readings would give another
// summary, and `dynod --rewrite-summaries` makes them again.
inline constexpr int kSummaryRules = 1;

// What one trial contributes.
struct TrialMetrics {
  std::string case_name;
  int block = 0;
  model::TrialKind kind = model::TrialKind::load;
  model::TrialState state = model::TrialState::succeeded;
  std::vector<model::Reading> readings;    // of the trial itself: start-up, memory, stop
  model::Verdict verdict;                  // on those
  std::vector<model::PhaseResult> phases;  // readings and verdicts are read, nothing else
};

TrialMetrics contribution_of(const model::Trial& trial, std::vector<model::PhaseResult> phases);

// Cases and phases in the order in which they first appear; metrics in their own. `trials` in the order of the plan. Each cell
// has the validity and bound of its own readings. Where every reading is invalid the summary has n = 0, no values and the
// verdict `invalid`; its value is then the median of the invalid ones, to be shown struck out.
// `tail`: the probability at each end of ci95, where another level than 95 % is asked for.
std::vector<model::Summary> summarise(const std::vector<TrialMetrics>& trials, double tail = stats::kTail95);

// A reading that has a value, where it belongs: as the store has them in its rows.
struct PlacedReading {
  std::string case_name;
  std::string phase;  // empty: of the trial itself
  model::MetricName metric = model::MetricName::throughput_per_s;
  model::TrialValue value;
};

// The same for the readings of trials that succeeded, in the order of the plan. Without gates.
std::vector<model::Summary> summarise(const std::vector<PlacedReading>& readings);
// The summary of one cell, from its readings alone; at least one. Its case, phase and metric are the caller's to fill in.
model::Summary summary_of(std::vector<model::TrialValue> readings, double tail = stats::kTail95);

}  // namespace dyno::results
