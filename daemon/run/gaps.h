// The empty cells of a run's result, each with the reason in words: a phase that a case has no throughput of. Pure, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "model/run.h"
#include "results/summarise.h"

namespace dyno::run {

struct Gap {
  std::string case_name;
  std::string phase;
  std::string reason;
};

// `contributions` are those of `trials`, in their order. Over the phases that any case of the run has, or was to have; cases and
// phases in the order in which they first appear.
std::vector<Gap> gaps_of(const std::vector<model::Trial>& trials,
                         const std::vector<results::TrialMetrics>& contributions);

}  // namespace dyno::run
