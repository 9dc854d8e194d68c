// The few words that a list says of a run's results, from its cells. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "model/history.h"
#include "model/run_overview.h"

namespace dyno::results {

model::VerdictCounts verdicts_of(const std::vector<model::CellSummary>& cells);
// The most throughput in the first phase with a closed loop that two cases have a value of.
std::optional<model::Winner> winner_of(const std::vector<model::CellSummary>& cells);
// `before`: the cells of the run that it is compared with.
model::ChangeCounts change_of(const std::vector<model::CellSummary>& before,
                              const std::vector<model::CellSummary>& cells);

}  // namespace dyno::results
