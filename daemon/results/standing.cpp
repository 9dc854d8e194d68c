#include "results/standing.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "stats/sequential.h"

namespace dyno::results {
namespace {

using model::CellSummary;
using model::MetricName;

bool is_done(const TrialMetrics& trial) {
  return trial.kind == model::TrialKind::load && model::is_result(trial.state);
}

std::vector<CellSummary> cells_of(const std::vector<TrialMetrics>& trials, const std::string& case_name, int blocks) {
  std::vector<TrialMetrics> counted;
  for (const TrialMetrics& trial : trials) {
    if (trial.case_name == case_name && trial.block <= blocks) counted.push_back(trial);
  }
  std::vector<CellSummary> cells;
  for (model::Summary& summary : summarise(counted)) cells.push_back({"", "", std::move(summary)});
  return cells;
}

bool may_be_decided(const Compared& one, int blocks) {
  if (!one.doubt || *one.doubt == Doubt::spread) return true;
  if (*one.doubt == Doubt::few_trials) return one.factor && 2 * one.factor->n >= blocks;
  return *one.doubt == Doubt::degraded &&
         2 * std::min(valid_trials(one.a.summary), valid_trials(one.b.summary)) >= blocks;
}

}  // namespace

const std::vector<MetricName> kWaitedFor{MetricName::throughput_per_s,       MetricName::latency_p50_ns,
                                         MetricName::service_time_p50_ns,    MetricName::deliveries_per_s,
                                         MetricName::app_cpu_ns_per_request, MetricName::app_startup_ns,
                                         MetricName::idle_pss_bytes};

int complete_blocks(const std::vector<TrialMetrics>& trials, const CasePair& pair) {
  std::map<int, std::set<std::string>> done;
  for (const TrialMetrics& trial : trials) {
    if (is_done(trial) && (trial.case_name == pair.a || trial.case_name == pair.b))
      done[trial.block].insert(trial.case_name);
  }
  int blocks = 0;
  while (done.contains(blocks + 1) && done[blocks + 1].size() == 2) ++blocks;
  return blocks;
}

Matching matching_at(int blocks, int most) {
  Matching matching{.shared_blocks = true, .by_case = false};
  if (blocks > 0) matching.tail = stats::tail_at(std::min(blocks, most), most);
  return matching;
}

void keep_blocks(std::vector<CellSummary>& cells, int blocks) {
  const auto is_later = [=](const model::TrialValue& one) { return one.block > blocks; };
  for (CellSummary& cell : cells) {
    model::Summary& all = cell.summary;
    if (std::erase_if(all.readings, is_later) == 0 || all.readings.empty()) continue;
    model::Summary kept = summary_of(std::move(all.readings));
    kept.case_name = std::move(all.case_name);
    kept.phase = std::move(all.phase);
    kept.metric = all.metric;
    kept.gates = std::move(all.gates);
    all = std::move(kept);
  }
  std::erase_if(cells, [](const CellSummary& cell) { return cell.summary.readings.empty(); });
}

void keep_blocks(std::vector<TrialMetrics>& trials, int blocks) {
  std::erase_if(trials, [=](const TrialMetrics& trial) { return trial.block > blocks; });
}

PairStanding standing_of(const std::vector<TrialMetrics>& trials, const CasePair& pair,
                         const std::vector<MetricName>& metrics, const BlockLimit& limit) {
  PairStanding standing{.look = {.blocks = std::min(limit.up_to, complete_blocks(trials, pair)), .most = limit.most}};
  model::ComparisonLooked& look = standing.look;
  const auto& waited = metrics.empty() ? kWaitedFor : metrics;
  for (const Compared& one : compare_all(cells_of(trials, pair.a, look.blocks), cells_of(trials, pair.b, look.blocks),
                                         matching_at(look.blocks, limit.most))) {
    const model::Summary& summary = one.b.summary;
    if (!one.decision || std::find(waited.begin(), waited.end(), summary.metric) == waited.end()) continue;
    if (!may_be_decided(one, look.blocks)) {
      ++standing.left_out;
      continue;
    }
    if (*one.decision != Decision::inconclusive) {
      ++look.decided;
      continue;
    }
    std::string words(model::metric_of(summary.metric).title);
    if (!summary.phase.empty()) words += " of " + summary.phase;
    look.undecided.push_back(std::move(words));
  }
  return standing;
}

}  // namespace dyno::results
