// Where two cases of one run stand that are measured, block by block, until they are told apart: what is decided after so many blocks, what is
// still waited for, and how sure the interval of that look must be (stats/sequential). Follows from the run's trials alone, so that it is the same
// after a restart, and the same in the comparison that is shown afterwards. Pure functions, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "model/run_event.h"
#include "results/compare.h"
#include "results/summarise.h"

namespace dyno::results {

// Two cases of one run: before and after.
struct CasePair {
  std::string a;
  std::string b;
};

// From the first one on without a gap: blocks in which a load trial of both has ended.
int complete_blocks(const std::vector<TrialMetrics>& trials, const CasePair& pair);

// How both sides are compared after so many blocks of at most `most`.
Matching matching_at(int blocks, int most);
// Takes away what was measured after that many blocks, and cells of which nothing is left.
void keep_blocks(std::vector<model::CellSummary>& cells, int blocks);
void keep_blocks(std::vector<TrialMetrics>& trials, int blocks);

// What is waited for where nobody names metrics: the middle of each distribution, not its tail, which would take every comparison to its last block.
extern const std::vector<model::MetricName> kWaitedFor;

struct BlockLimit {
  int up_to = 0;
  int most = 0;  // that the run would measure
};
// After the complete blocks, `up_to` of them at most. A cell is waited for where its metric is, unless it will hardly be decided: one side invalid, limited from
// outside the stack or without a logarithm, or fewer pairs that count than half of the blocks.
struct PairStanding {
  model::ComparisonLooked look;
  int left_out = 0;  // cells that are not waited for, because they will hardly be decided
};
PairStanding standing_of(const std::vector<TrialMetrics>& trials, const CasePair& pair,
                         const std::vector<model::MetricName>& metrics, const BlockLimit& limit);

}  // namespace dyno::results
