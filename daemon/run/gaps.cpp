#include "run/gaps.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace dyno::run {
namespace {

constexpr auto kMetric = model::MetricName::throughput_per_s;

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

const model::PhaseResult* find_phase(const results::TrialMetrics& trial, const std::string& phase) {
  const auto found = std::find_if(trial.phases.begin(), trial.phases.end(),
                                  [&](const model::PhaseResult& p) { return p.phase == phase; });
  return found == trial.phases.end() ? nullptr : &*found;
}

// Nothing when the cell holds a number; else why it does not, the latest trial's reason first.
std::optional<std::string> reason_of(const std::string& case_name, const std::string& phase,
                                     const std::vector<model::Trial>& trials,
                                     const std::vector<results::TrialMetrics>& contributions) {
  std::string reason = "not measured";
  for (std::size_t i = 0; i < contributions.size(); ++i) {
    const results::TrialMetrics& trial = contributions[i];
    if (trial.case_name != case_name || trial.kind != model::TrialKind::load) continue;
    if (trial.state != model::TrialState::succeeded) {
      const bool has_failure = trials[i].failure != model::TrialFailure::none;
      const std::string word(has_failure ? to_string(trials[i].failure) : to_string(trials[i].state));
      if (!trials[i].reason.empty()) reason = fmt::format("{}: {}", word, trials[i].reason);
      continue;
    }
    const model::PhaseResult* const result = find_phase(trial, phase);
    if (result == nullptr) continue;
    const model::Reading* const reading = model::find_reading(result->readings, kMetric);
    if (reading == nullptr) continue;
    if (reading->value) return std::nullopt;
    reason = reading->absent;
  }
  return reason;
}

}  // namespace

std::vector<Gap> gaps_of(const std::vector<model::Trial>& trials,
                         const std::vector<results::TrialMetrics>& contributions) {
  std::vector<std::string> cases;
  std::vector<std::string> phases;
  for (const results::TrialMetrics& trial : contributions) {
    if (trial.kind != model::TrialKind::load) continue;
    add_once(cases, trial.case_name);
    for (const model::PhaseResult& phase : trial.phases) add_once(phases, phase.phase);
  }
  std::vector<Gap> gaps;
  for (const std::string& case_name : cases) {
    for (const std::string& phase : phases) {
      if (auto reason = reason_of(case_name, phase, trials, contributions))
        gaps.push_back({case_name, phase, std::move(*reason)});
    }
  }
  return gaps;
}

}  // namespace dyno::run
