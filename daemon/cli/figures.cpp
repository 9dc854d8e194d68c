#include "cli/figures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "base/quantity.h"

namespace dyno::cli {
namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::string fact(const ShownResult& result, std::string_view name) {
  const auto found =
      std::find_if(result.facts.begin(), result.facts.end(), [&](const ShownFact& f) { return f.name == name; });
  return found == result.facts.end() ? std::string() : found->value;
}

}  // namespace

Summaries::Summaries(const ShownResult& result) {
  for (const ShownSummary& s : result.summaries) {
    by_key_[{s.case_name, s.phase, s.metric}] = &s;
    add_once(cases_, s.case_name);
    if (!s.phase.empty()) add_once(phases_, s.phase);
  }
}

const ShownSummary* Summaries::find(const std::string& case_name, const std::string& phase,
                                    const std::string& metric) const {
  const auto found = by_key_.find({case_name, phase, metric});
  return found == by_key_.end() ? nullptr : found->second;
}

bool is_lower_bound(const ShownSummary& s) {
  return s.metric == "throughput_per_s" && (s.bound == "loader" || s.bound == "database");
}

std::optional<ShownInterval> spread_interval(const ShownSummary& s) { return s.ci95 ? s.ci95 : s.range; }

std::string spread_of(const ShownSummary* s) {
  if (s == nullptr || (!s->ci95 && !s->range)) return kNotMeasured;
  if (s->ci95) return format_spread(s->ci95->low, s->ci95->high, s->value, s->unit);
  return "(" + format_spread(s->range->low, s->range->high, s->value, s->unit) + ")";
}

const ShownRunStack* stack_of(const ShownResult& result, const std::string& case_name) {
  const std::string name = case_name.substr(0, case_name.find('/'));
  const auto found = std::find_if(result.run.stacks.begin(), result.run.stacks.end(),
                                  [&](const ShownRunStack& s) { return s.name == name; });
  return found == result.run.stacks.end() ? nullptr : &*found;
}

std::vector<const ShownSummary*> ranked(const ShownResult& result, const Summaries& summaries,
                                        const std::string& phase) {
  std::vector<const ShownSummary*> rows;
  for (const std::string& name : summaries.cases()) {
    if (const auto* const s = summaries.find(name, phase, "throughput_per_s")) rows.push_back(s);
  }
  const auto place = [&](const ShownSummary& s) {
    const ShownRunStack* const stack = stack_of(result, s.case_name);
    return std::tuple(stack != nullptr && stack->tuned, s.validity == "invalid", -s.value);
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const ShownSummary* a, const ShownSummary* b) { return place(*a) < place(*b); });
  return rows;
}

bool is_open_phase(const Summaries& summaries, const std::string& phase) {
  const auto& cases = summaries.cases();
  return std::any_of(cases.begin(), cases.end(), [&](const std::string& name) {
    return summaries.find(name, phase, "offered_per_s") != nullptr ||
           summaries.find(name, phase, "latency_p50_ns") != nullptr;
  });
}

std::vector<std::string> phases_of(const ShownResult& result, const Summaries& summaries) {
  std::vector<std::string> phases = summaries.phases();
  for (const ShownGap& gap : result.gaps) add_once(phases, gap.phase);
  std::stable_partition(phases.begin(), phases.end(),
                        [&](const std::string& phase) { return !is_open_phase(summaries, phase); });
  return phases;
}

const ShownSummary* most_loaded(const Summaries& summaries, const std::string& case_name) {
  const ShownSummary* most = nullptr;
  for (const std::string& phase : summaries.phases()) {
    const auto* const s = summaries.find(case_name, phase, "loaded_private_median_bytes");
    if (s == nullptr) continue;
    const auto key = [](const ShownSummary& one) { return std::pair(one.validity != "invalid", one.value); };
    if (most == nullptr || key(*s) > key(*most)) most = s;
  }
  return most;
}

std::string machine_of(const ShownResult& result) {
  std::vector<std::string> parts;
  for (const char* const name : {"cpu_model", "cpus", "memory", "kernel", "engine"}) {
    if (const std::string value = fact(result, name); !value.empty())
      parts.push_back(std::string_view(name) == "cpus" ? value + " CPUs" : value);
  }
  return parts.empty() ? "unknown" : fmt::format("{}", fmt::join(parts, ", "));
}

std::size_t failed_stacks(const ShownResult& result) {
  std::set<std::string> failed;
  for (const ShownRunStack& stack : result.run.stacks) {
    if (!stack.failure.empty()) failed.insert(stack.name);
  }
  for (const ShownTrial& trial : result.trials) {
    if (!trial.failure.empty()) failed.insert(trial.case_name.substr(0, trial.case_name.rfind('/')));
  }
  return failed.size();
}

Counts trial_counts(const ShownResult& result) {
  std::optional<int> fewest;
  Counts counts;
  for (const ShownSummary& s : result.summaries) {
    if (s.metric != "throughput_per_s") continue;
    fewest = std::min(fewest.value_or(s.n), s.n);
    counts.most = std::max(counts.most, s.n);
  }
  counts.fewest = fewest.value_or(0);
  return counts;
}

}  // namespace dyno::cli
