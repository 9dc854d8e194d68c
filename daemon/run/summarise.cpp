#include "run/summarise.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <tuple>

#include "model/metric.h"
#include "stats/descriptive.h"
#include "stats/location.h"

namespace dyno::run {
namespace {

using model::Bound;
using model::Summary;
using model::Validity;

struct Reading {
  double value = 0;
  Validity validity = Validity::valid;
  Bound bound = Bound::none;
};

// The readings of one metric of one case and phase, in the order of the trials.
struct Cell {
  std::string case_name;
  std::string phase;
  std::string metric;
  std::vector<Reading> readings;
};

template <class T>
void set_difference(std::map<std::string, double>& metrics, const char* name, const std::optional<T>& from,
                    const std::optional<T>& to) {
  if (from && to) metrics[name] = static_cast<double>((*to - *from).count());
}

void set_bytes(std::map<std::string, double>& metrics, const std::string& name, const std::optional<Bytes>& bytes) {
  if (bytes) metrics[name] = static_cast<double>(bytes->value);
}

void add_startup(std::map<std::string, double>& metrics, const model::StartupMarks& m) {
  const std::optional<MonotonicTime> start_call = m.start_call;
  // Kinds of start are different quantities and must not mix: a metric without a kind in its name means the warm one.
  if (m.kind == model::StartKind::cache_cold) {
    set_difference(metrics, "app_startup_cache_cold_ns", m.exec, m.first_good);
    set_difference(metrics, "startup_cache_cold_ns", start_call, m.first_good);
  }
  if (m.kind != model::StartKind::warm) return;
  const std::optional<MonotonicTime> create_call = m.create_call;
  set_difference(metrics, "app_startup_ns", m.exec, m.first_good);
  set_difference(metrics, "startup_ns", start_call, m.first_good);
  set_difference(metrics, "create_to_good_ns", create_call, m.first_good);
  set_difference(metrics, "listen_ns", m.exec, m.listen);
  set_difference(metrics, "db_ready_ns", m.exec, m.first_deep);
  set_difference(metrics, "engine_ns", start_call, m.exec);
  metrics["sandbox_ns"] = static_cast<double>(m.sandbox.count());
}

void add_memory(std::map<std::string, double>& metrics, const std::string& moment,
                const std::optional<model::MemoryReading>& reading) {
  if (!reading) return;
  set_bytes(metrics, moment + "_pss_bytes", reading->pss);
  set_bytes(metrics, moment + "_private_bytes", reading->private_bytes);
  set_bytes(metrics, moment + "_docker_equivalent_bytes", reading->docker_equivalent);
  set_bytes(metrics, moment + "_cgroup_peak_bytes", reading->cgroup_peak);
}

// Collects readings cell by cell and remembers in which order cases and phases came.
class Cells {
 public:
  void add(const TrialMetrics& trial) {
    for (const auto& [metric, value] : trial.metrics)
      cell(trial.case_name, "", metric).readings.push_back({value, Validity::valid, Bound::none});
    for (const model::PhaseResult& phase : trial.phases) {
      for (const auto& [metric, value] : phase.metrics) {
        cell(trial.case_name, phase.phase, metric)
            .readings.push_back({value, phase.verdict.validity, phase.verdict.bound});
      }
    }
  }

  std::vector<Cell> in_order() && {
    std::stable_sort(cells_.begin(), cells_.end(), [this](const Cell& a, const Cell& b) {
      return std::tuple(place_of(cases_, a.case_name), place_of(phases_, a.phase), rank_of(a.metric)) <
             std::tuple(place_of(cases_, b.case_name), place_of(phases_, b.phase), rank_of(b.metric));
    });
    return std::move(cells_);
  }

 private:
  Cell& cell(const std::string& case_name, const std::string& phase, const std::string& metric) {
    if (place_of(cases_, case_name) == cases_.size()) cases_.push_back(case_name);
    if (place_of(phases_, phase) == phases_.size()) phases_.push_back(phase);
    const auto same = [&](const Cell& c) { return c.metric == metric && c.phase == phase && c.case_name == case_name; };
    const auto found = std::find_if(cells_.begin(), cells_.end(), same);
    if (found != cells_.end()) return *found;
    cells_.push_back({case_name, phase, metric, {}});
    return cells_.back();
  }

  static std::size_t place_of(const std::vector<std::string>& names, const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  }
  // A metric that the table does not know comes last.
  static std::size_t rank_of(const std::string& metric) {
    const auto known = model::metrics();
    return static_cast<std::size_t>(
        std::find_if(known.begin(), known.end(), [&](const model::Metric& m) { return m.name == metric; }) -
        known.begin());
  }

  std::vector<std::string> cases_;
  std::vector<std::string> phases_{""};  // metrics of the trial come before those of its phases
  std::vector<Cell> cells_;
};

// What limited most of the trials; the earlier one where two did equally often.
Bound common_bound(const std::vector<Reading>& readings) {
  const auto count_of = [&](Bound bound) {
    return std::count_if(readings.begin(), readings.end(), [=](const Reading& r) { return r.bound == bound; });
  };
  Bound most = readings.front().bound;
  for (const Reading& r : readings) {
    if (count_of(r.bound) > count_of(most)) most = r.bound;
  }
  return most;
}

void set_location(Summary& summary) {
  const std::vector<double>& values = summary.values;
  if (values.size() >= 2) {
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    summary.range = model::Interval{*least, *greatest};
  }
  if (std::any_of(values.begin(), values.end(), [](double v) { return v <= 0; })) {
    summary.value = stats::median(values);  // no logarithm, no ratio: the plain median, without an interval
    return;
  }
  std::vector<double> logarithms;
  logarithms.reserve(values.size());
  for (const double value : values) logarithms.push_back(std::log(value));
  const stats::Location location = stats::one_sample_location(logarithms);
  summary.value = std::exp(location.value);
  if (location.ci95) summary.ci95 = model::Interval{std::exp(location.ci95->low), std::exp(location.ci95->high)};
}

Summary summary_of(const Cell& cell) {
  Summary summary;
  summary.case_name = cell.case_name;
  summary.phase = cell.phase;
  summary.metric = cell.metric;
  std::vector<Reading> used;
  std::copy_if(cell.readings.begin(), cell.readings.end(), std::back_inserter(used),
               [](const Reading& r) { return r.validity != Validity::invalid; });
  if (used.empty()) {
    // Kept to be shown struck out: no statistic rests on it.
    summary.validity = Validity::invalid;
    summary.bound = common_bound(cell.readings);
    std::vector<double> values;
    for (const Reading& r : cell.readings) values.push_back(r.value);
    summary.value = stats::median(values);
    return summary;
  }
  for (const Reading& r : used) {
    summary.values.push_back(r.value);
    summary.validity = std::max(summary.validity, r.validity);
  }
  summary.n = static_cast<int>(used.size());
  summary.bound = common_bound(used);
  set_location(summary);
  return summary;
}

}  // namespace

std::map<std::string, double> trial_metrics(const model::Trial& trial) {
  std::map<std::string, double> metrics;
  if (trial.startup) add_startup(metrics, *trial.startup);
  add_memory(metrics, "idle", trial.idle);
  add_memory(metrics, "retained", trial.retained);
  // A forced stop counts with the time that it took: to leave it out would make the stack that ignores SIGTERM look quick.
  if (trial.stop) metrics["stop_ns"] = static_cast<double>(trial.stop->count());
  return metrics;
}

TrialMetrics contribution_of(const model::Trial& trial, std::vector<model::PhaseResult> phases) {
  return {trial.case_name, trial.kind, trial.state, trial_metrics(trial), std::move(phases)};
}

std::vector<Summary> summarise(const std::vector<TrialMetrics>& trials) {
  Cells cells;
  for (const TrialMetrics& trial : trials) {
    if (trial.state == model::TrialState::succeeded) cells.add(trial);
  }
  std::vector<Summary> summaries;
  for (const Cell& cell : std::move(cells).in_order()) summaries.push_back(summary_of(cell));
  return summaries;
}

}  // namespace dyno::run
