#include "cli/objectives.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/quantity.h"
#include "cli/comparison.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

constexpr std::array<std::string_view, 3> kObjectiveStates{"broken", "undecided", "kept"};

std::string which_phase(const ShownObjective& one) {
  std::vector<std::string> all{one.phase};
  all.insert(all.end(), one.other_phases.begin(), one.other_phases.end());
  std::vector<std::string> others;
  for (const std::string& phase : one.other_phases) others.push_back(phase_title(phase, all));
  return fmt::format("in {} ({} {}, too)", phase_title(one.phase, all), fmt::join(others, "; "),
                     others.size() == 1 ? "fits" : "fit");
}

}  // namespace

std::string objective_finding(const ShownObjective& one) {
  std::string text = one.value ? format_value(*one.value, one.unit) : "";
  if (one.value && one.ci95)
    text += fmt::format(" ({})", format_spread(one.ci95->low, one.ci95->high, *one.value, one.unit));
  if (!one.other_phases.empty()) text += (text.empty() ? "" : ", ") + which_phase(one);
  if (one.reason.empty()) return text;
  return text.empty() ? one.reason : text + ": " + one.reason;
}

std::string objective_intervals(const std::vector<ShownObjective>& objectives) {
  const auto first = std::find_if(objectives.begin(), objectives.end(),
                                  [](const ShownObjective& one) { return one.ci95.has_value(); });
  const std::string usual = confidence_text(ShownObjective().confidence);
  const std::string text = first == objectives.end() ? usual : confidence_text(first->confidence);
  return fmt::format("Intervals: {}{}.", text, text == usual ? "" : ", so that stopping early errs no more often");
}

std::vector<std::string> objective_lines(const ShownResult& result) {
  if (result.objectives.empty()) return {};
  const bool has_cases =
      std::any_of(result.objectives.begin(), result.objectives.end(),
                  [&](const ShownObjective& one) { return one.case_name != result.objectives.front().case_name; });
  std::vector<std::string> counts;
  std::vector<std::string> lines{""};
  for (const std::string_view state : kObjectiveStates) {
    int count = 0;
    for (const ShownObjective& one : result.objectives) {
      if (one.state != state) continue;
      ++count;
      const std::string of_case = has_cases ? case_title(result.run.stacks, one.case_name) + ": " : "";
      lines.push_back(fmt::format("{:<9}  {}{}: {}", one.state, of_case, one.objective, objective_finding(one)));
    }
    if (count > 0) counts.push_back(fmt::format("{} {}", count, state));
  }
  lines[0] = fmt::format("Objectives: {}.", fmt::join(counts, ", "));
  if (const std::string intervals = objective_intervals(result.objectives); intervals != objective_intervals({}))
    lines[0] += " " + intervals;
  return lines;
}

bool has_broken(const std::vector<ShownObjective>& objectives) {
  return std::any_of(objectives.begin(), objectives.end(),
                     [](const ShownObjective& one) { return one.state == "broken"; });
}

}  // namespace dyno::cli
