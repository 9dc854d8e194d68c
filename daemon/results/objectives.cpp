#include "results/objectives.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dyno::results {
namespace {

using model::Bound;
using model::Objective;
using model::ObjectiveLoad;
using model::Validity;

bool is_near(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)); }

bool is_asked_by(const Objective& objective, const model::ProfilePhase& phase) {
  if (phase.workload != objective.workload || phase.beside) return false;
  switch (objective.load) {
    case ObjectiveLoad::none: return false;
    case ObjectiveLoad::capacity: return phase.loop == model::Loop::closed;
    case ObjectiveLoad::rate: {
      const auto* const rate = std::get_if<Rate>(&phase.rate);
      return rate != nullptr && is_near(rate->per_s, objective.at);
    }
    case ObjectiveLoad::share: {
      const auto* const share = std::get_if<model::ShareOfCap>(&phase.rate);
      return share != nullptr && is_near(share->share, objective.at);
    }
  }
  return false;
}

std::string load_words(const Objective& objective) {
  switch (objective.load) {
    case ObjectiveLoad::none: return "";
    case ObjectiveLoad::capacity: return "in a closed loop";
    case ObjectiveLoad::rate: return fmt::format("at {:g}/s", objective.at);
    case ObjectiveLoad::share: return fmt::format("at {:g} % of capacity", objective.at * 100);
  }
  return "";
}

// The stack can do this or more, whatever it was that did not let it.
bool is_lower_bound(const model::Summary& s) {
  return s.metric == model::MetricName::throughput_per_s && (s.bound == Bound::loader || s.bound == Bound::database);
}

std::string gate_words(const model::Summary& s) {
  const auto worst = std::max_element(s.gates.begin(), s.gates.end(),
                                      [](const auto& a, const auto& b) { return a.validity < b.validity; });
  return worst == s.gates.end() ? "" : ": " + worst->text;
}

// Where a value is 0, as the share of errors mostly is, there is no logarithm and no ci95: minimum and maximum of six trials enclose the
// median at 96.9 %, those of more at more.
std::optional<model::Interval> interval_of(const model::Summary& s, double tail) {
  return s.ci95 || s.n < trials_to_judge(tail) ? s.ci95 : s.range;
}

// Why the figure decides nothing, wherever its interval lies; empty: it may.
std::string doubt_about(const model::Summary& s, double tail) {
  if (s.n == 0) return "every trial of it was struck out" + gate_words(s);
  if (!interval_of(s, tail)) return fmt::format("too few trials ({} of {})", s.n, trials_to_judge(tail));
  if (s.validity != Validity::valid) return "a quality gate marked it" + gate_words(s);
  return "";
}

const model::Summary* find_summary(const std::vector<model::Summary>& summaries, const std::string& case_name,
                                   const std::string& phase, model::MetricName metric) {
  const auto found = std::find_if(summaries.begin(), summaries.end(), [&](const model::Summary& s) {
    return s.case_name == case_name && s.phase == phase && s.metric == metric;
  });
  return found == summaries.end() ? nullptr : &*found;
}

// The throughput of which the phase asks a share; null where it asks none.
const model::Summary* capacity_of(const model::ProfilePhase& phase, const std::vector<model::ProfilePhase>& phases,
                                  const std::vector<model::Summary>& summaries, const std::string& case_name) {
  const auto* const share = std::get_if<model::ShareOfCap>(&phase.rate);
  if (share == nullptr) return nullptr;
  const auto cap = std::find_if(phases.begin(), phases.end(), [&](const model::ProfilePhase& other) {
    return other.as == share->cap && other.workload == phase.workload;
  });
  if (cap == phases.end()) return nullptr;
  return find_summary(summaries, case_name, cap->name, model::MetricName::throughput_per_s);
}

// What the last trial that got so far says of the reading that it has not; empty: nothing.
std::string why_absent(const std::vector<TrialMetrics>& trials, const std::string& case_name, const std::string& phase,
                       model::MetricName metric) {
  std::string why;
  const auto take = [&](const std::vector<model::Reading>& readings) {
    const std::string said = model::absence_of(readings, metric);
    if (!said.empty()) why = ": " + said;
  };
  for (const TrialMetrics& trial : trials) {
    if (trial.case_name != case_name) continue;
    if (phase.empty()) take(trial.readings);
    for (const model::PhaseResult& one : trial.phases) {
      if (!phase.empty() && one.phase == phase) take(one.readings);
    }
  }
  return why;
}

void judge(const model::Summary& s, double tail, JudgedObjective& one) {
  one.n = s.n;
  if (s.n > 0) one.value = s.value;
  one.ci95 = interval_of(s, tail);
  one.confidence = 1 - 2 * tail;
  one.reason = doubt_about(s, tail);
  if (!one.reason.empty()) return;
  const double limit = one.objective.limit;
  const bool is_below = one.ci95->high < limit;
  const bool is_above = one.ci95->low > limit;
  if (!is_below && !is_above) {
    one.reason = "the limit lies in the interval";
  } else if (is_below == one.objective.is_ceiling) {
    one.state = ObjectiveState::kept;
  } else if (is_lower_bound(s)) {
    one.reason = fmt::format("the {} limited it: the stack does at least this",
                             s.bound == Bound::loader ? "load generator" : "database");
  } else {
    one.state = ObjectiveState::broken;
  }
}

}  // namespace

// Minimum and maximum of n values miss their median with a probability of 2^−n at each end.
int trials_to_judge(double tail) { return static_cast<int>(std::ceil(-std::log2(tail))); }

std::vector<JudgedObjective> judge_objectives(const model::Stack& stack, const std::string& case_name,
                                              const std::vector<model::ProfilePhase>& phases,
                                              const std::string& profile, const Findings& findings) {
  const std::vector<model::Summary>& summaries = findings.summaries;
  std::vector<JudgedObjective> all;
  for (const Objective& objective : stack.objectives) {
    JudgedObjective one{objective, case_name, stack.name};
    const auto is_meant = [&](const model::ProfilePhase& each) { return is_asked_by(objective, each); };
    const auto phase = std::find_if(phases.begin(), phases.end(), is_meant);
    if (objective.load != ObjectiveLoad::none && phase == phases.end()) {
      one.reason = fmt::format("profile {} does not measure {} {}", profile, objective.workload, load_words(objective));
      all.push_back(std::move(one));
      continue;
    }
    if (objective.load != ObjectiveLoad::none) {
      one.phase = phase->name;
      std::for_each(phase + 1, phases.end(), [&](const model::ProfilePhase& each) {
        if (is_meant(each)) one.other_phases.push_back(each.name);
      });
    }
    if (const auto* const found = find_summary(summaries, case_name, one.phase, objective.metric))
      judge(*found, findings.tail, one);
    else one.reason = "no trial has measured it" + why_absent(findings.trials, case_name, one.phase, objective.metric);
    if (objective.load == ObjectiveLoad::share && one.state == ObjectiveState::kept) {
      const auto* const capacity = capacity_of(*phase, phases, summaries, case_name);
      if (capacity != nullptr && capacity->bound == Bound::loader) {
        one.state = ObjectiveState::undecided;
        one.reason = "the load generator limited the capacity: the load may be a smaller share of it";
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace dyno::results
