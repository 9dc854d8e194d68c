// The result of a run from the measurements of its trials: one summary a case, phase and metric. The unit of every statistic
// is the trial; invalid measurements and failed trials enter none. Pure functions, thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/measurement.h"
#include "model/run.h"
#include "model/summary.h"

namespace dyno::run {

// What one trial contributes.
struct TrialMetrics {
  std::string case_name;
  model::TrialKind kind = model::TrialKind::load;
  model::TrialState state = model::TrialState::succeeded;
  std::map<std::string, double> metrics;   // of the trial itself: start-up, memory, stop
  std::vector<model::PhaseResult> phases;  // metrics and verdicts are read, nothing else
};

// Start-up, memory and stop metrics of a trial, by the names of model/metric; what was not measured is left out.
std::map<std::string, double> trial_metrics(const model::Trial& trial);

TrialMetrics contribution_of(const model::Trial& trial, std::vector<model::PhaseResult> phases);

// Cases and phases in the order in which they first appear; metrics in the order of model/metric. `trials` in the order of
// the plan. Where every measurement is invalid the summary has n = 0, no values and the verdict `invalid`; its value is then
// the median of the invalid ones, to be shown struck out.
std::vector<model::Summary> summarise(const std::vector<TrialMetrics>& trials);

}  // namespace dyno::run
