#include "results/overview.h"

#include <algorithm>
#include <set>
#include <string>

#include "results/compare.h"

namespace dyno::results {
namespace {

using model::CellSummary;
using model::MetricName;

// An open loop has latency, counted from when each request was due; there every stack has the same throughput.
std::set<std::string> open_phases(const std::vector<CellSummary>& cells) {
  constexpr model::MetricSet kLatency{MetricName::latency_p50_ns, MetricName::latency_p99_ns};
  std::set<std::string> open;
  for (const CellSummary& cell : cells) {
    if (kLatency.has(cell.summary.metric)) open.insert(cell.summary.phase);
  }
  return open;
}

std::vector<const CellSummary*> rivals_in(const std::vector<CellSummary>& cells, const std::string& phase) {
  std::vector<const CellSummary*> all;
  for (const CellSummary& cell : cells) {
    const model::Summary& s = cell.summary;
    if (s.phase == phase && s.metric == MetricName::throughput_per_s && s.n > 0) all.push_back(&cell);
  }
  return all;
}

bool is_better(const CellSummary& best, const CellSummary& other) {
  return compare(other, best, {.shared_blocks = true}).decision == Decision::better;
}

}  // namespace

model::VerdictCounts verdicts_of(const std::vector<CellSummary>& cells) {
  model::VerdictCounts counts;
  for (const CellSummary& cell : cells) {
    switch (cell.summary.validity) {
      case model::Validity::valid: ++counts.valid; break;
      case model::Validity::degraded: ++counts.degraded; break;
      case model::Validity::invalid: ++counts.invalid; break;
    }
  }
  return counts;
}

std::optional<model::Winner> winner_of(const std::vector<CellSummary>& cells) {
  const std::set<std::string> open = open_phases(cells);
  for (const CellSummary& first : cells) {
    const std::string& phase = first.summary.phase;
    if (first.summary.metric != MetricName::throughput_per_s || open.contains(phase)) continue;
    const std::vector<const CellSummary*> rivals = rivals_in(cells, phase);
    if (rivals.size() < 2) continue;
    const CellSummary& best = **std::max_element(
        rivals.begin(), rivals.end(), [](const auto* a, const auto* b) { return a->summary.value < b->summary.value; });
    const bool is_clear = std::all_of(rivals.begin(), rivals.end(),
                                      [&](const auto* other) { return other == &best || is_better(best, *other); });
    return model::Winner{
        best.stack,     best.summary.case_name,          phase,   best.summary.metric, best.summary.value,
        best.summary.n, static_cast<int>(rivals.size()), is_clear};
  }
  return std::nullopt;
}

model::ChangeCounts change_of(const std::vector<CellSummary>& before, const std::vector<CellSummary>& cells) {
  model::ChangeCounts counts;
  for (const Compared& one : compare_all(before, cells, {})) {
    if (!one.decision) continue;
    switch (*one.decision) {
      case Decision::better: ++counts.better; break;
      case Decision::worse: ++counts.worse; break;
      case Decision::same: ++counts.same; break;
      case Decision::inconclusive: ++counts.inconclusive; break;
    }
  }
  return counts;
}

}  // namespace dyno::results
