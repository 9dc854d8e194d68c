#include "results/summarise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <tuple>

#include "model/enum_text.h"
#include "stats/descriptive.h"
#include "stats/location.h"
#include "stats/strata.h"

namespace dyno::results {
namespace {

using model::Bound;
using model::Summary;
using model::Validity;

using model::MetricName;
using model::Reading;
using model::TrialValue;

// The readings of one metric of one case and phase that have a value, in the order of the trials.
struct Cell {
  std::string case_name;
  std::string phase;
  MetricName metric = MetricName::throughput_per_s;
  std::vector<TrialValue> readings;
  std::vector<model::GateResult> gates;  // as of Summary
};

// Adds what the gates of the reading said, each gate at its worst.
void add_gates(Cell& cell, const Reading& reading, const model::Verdict& verdict) {
  for (const model::GateResult& said : verdict.gates) {
    if (std::find(reading.gates.begin(), reading.gates.end(), said.gate) == reading.gates.end()) continue;
    const auto same = std::find_if(cell.gates.begin(), cell.gates.end(),
                                   [&](const model::GateResult& one) { return one.gate == said.gate; });
    if (same == cell.gates.end()) cell.gates.push_back(said);
    else if (same->validity < said.validity) *same = said;
  }
}

// Collects readings cell by cell and remembers in which order cases and phases came.
class Cells {
 public:
  void add(const TrialMetrics& trial) {
    add(trial, "", trial.readings, trial.verdict);
    for (const model::PhaseResult& phase : trial.phases) add(trial, phase.phase, phase.readings, phase.verdict);
  }
  Cell& cell(const std::string& case_name, const std::string& phase, MetricName metric) {
    const std::size_t case_place = cases_.try_emplace(case_name, cases_.size()).first->second;
    const std::size_t phase_place = phases_.try_emplace(phase, phases_.size()).first->second;
    Cell& one = cells_[{case_place, phase_place, metric}];
    if (one.readings.empty()) {
      one.case_name = case_name;
      one.phase = phase;
      one.metric = metric;
    }
    return one;
  }

  std::vector<Summary> summaries(double tail = stats::kTail95) const;

 private:
  void add(const TrialMetrics& trial, const std::string& phase, const std::vector<Reading>& readings,
           const model::Verdict& verdict) {
    for (const Reading& reading : readings) {
      if (!reading.value) continue;
      Cell& one = cell(trial.case_name, phase, reading.metric);
      one.readings.push_back({trial.block, *reading.value, reading.validity, reading.bound});
      add_gates(one, reading, verdict);
    }
  }

  std::map<std::string, std::size_t> cases_;            // by the order in which they came
  std::map<std::string, std::size_t> phases_{{"", 0}};  // readings of the trial come before those of its phases
  std::map<std::tuple<std::size_t, std::size_t, MetricName>, Cell> cells_;
};

// What limited most of the trials; the earlier one where two did equally often.
Bound common_bound(const std::vector<TrialValue>& readings) {
  std::array<int, model::EnumNames<Bound>::names.size()> counts{};
  const auto count_of = [&](Bound bound) -> int& { return counts[static_cast<std::size_t>(bound)]; };
  for (const TrialValue& r : readings) ++count_of(r.bound);
  Bound most = readings.front().bound;
  for (const TrialValue& r : readings) {
    if (count_of(r.bound) > count_of(most)) most = r.bound;
  }
  return most;
}

int count_nights(const std::vector<TrialValue>& readings) {
  std::vector<std::int64_t> nights;  // few, and their readings stand together
  for (const TrialValue& r : readings) {
    if (!nights.empty() && nights.back() == r.night) continue;
    if (std::find(nights.begin(), nights.end(), r.night) == nights.end()) nights.push_back(r.night);
  }
  return static_cast<int>(nights.size());
}

void set_location(Summary& summary, const std::vector<TrialValue>& used, double tail) {
  const std::vector<double>& values = summary.values;
  if (values.size() >= 2) {
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    summary.range = model::Interval{*least, *greatest};
  }
  if (std::any_of(values.begin(), values.end(), [](double v) { return v <= 0; })) {
    summary.value = stats::median(values);  // no logarithm, no ratio: the plain median, without an interval
    return;
  }
  std::vector<stats::NightValue> logs;
  logs.reserve(used.size());
  for (const TrialValue& one : used) logs.push_back({one.night, std::log(one.value)});
  logs = stats::ranked(std::move(logs));
  summary.nights_differ = stats::nights_differ(logs);
  const stats::Location location = stats::one_sample_location(stats::units_of(logs, summary.nights_differ), tail);
  summary.value = std::exp(location.value);
  if (location.ci95) summary.ci95 = model::Interval{std::exp(location.ci95->low), std::exp(location.ci95->high)};
}

std::vector<Summary> Cells::summaries(double tail) const {
  std::vector<Summary> summaries;
  summaries.reserve(cells_.size());
  for (const auto& [place, cell] : cells_) {
    Summary& summary = summaries.emplace_back(summary_of(cell.readings, tail));
    summary.case_name = cell.case_name;
    summary.phase = cell.phase;
    summary.metric = cell.metric;
    summary.gates = cell.gates;
  }
  return summaries;
}

}  // namespace

Summary summary_of(std::vector<TrialValue> readings, double tail) {
  Summary summary;
  std::vector<TrialValue> used;
  used.reserve(readings.size());
  std::copy_if(readings.begin(), readings.end(), std::back_inserter(used),
               [](const TrialValue& r) { return r.validity != Validity::invalid; });
  if (used.empty()) {
    // Kept to be shown struck out: no statistic rests on it.
    summary.validity = Validity::invalid;
    summary.bound = common_bound(readings);
    std::vector<double> values;
    values.reserve(readings.size());
    for (const TrialValue& r : readings) values.push_back(r.value);
    summary.value = stats::median(values);
  } else {
    for (const TrialValue& r : used) {
      summary.values.push_back(r.value);
      summary.validity = std::max(summary.validity, r.validity);
    }
    summary.n = static_cast<int>(used.size());
    summary.bound = common_bound(used);
    summary.nights = count_nights(used);
    set_location(summary, used, tail);
  }
  summary.readings = std::move(readings);
  return summary;
}

TrialMetrics contribution_of(const model::Trial& trial, std::vector<model::PhaseResult> phases) {
  return {trial.case_name, trial.block, trial.kind, trial.state, trial.readings, trial.verdict, std::move(phases)};
}

std::vector<Summary> summarise(const std::vector<TrialMetrics>& trials, double tail) {
  Cells cells;
  for (const TrialMetrics& trial : trials) {
    if (trial.state == model::TrialState::succeeded) cells.add(trial);
  }
  return cells.summaries(tail);
}

std::vector<Summary> summarise(const std::vector<PlacedReading>& readings) {
  Cells cells;
  for (const PlacedReading& one : readings)
    cells.cell(one.case_name, one.phase, one.metric).readings.push_back(one.value);
  return cells.summaries();
}

}  // namespace dyno::results
