#include "cli/decision.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

constexpr const char* kLoaded = "loaded_private_median_bytes";

bool has_figure(const Summaries& summaries, const std::string& phase, const std::string& metric) {
  const auto& cases = summaries.cases();
  return std::any_of(cases.begin(), cases.end(),
                     [&](const std::string& name) { return summaries.find(name, phase, metric) != nullptr; });
}

// One common rate, give or take half a percent.
bool have_one_rate(const Summaries& summaries, const std::string& phase) {
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (const std::string& name : summaries.cases()) {
    const auto* const offered = summaries.find(name, phase, "offered_per_s");
    if (offered == nullptr) continue;
    least = std::min(least, offered->value);
    most = std::max(most, offered->value);
  }
  return most <= least * 1.005;
}

// At least what is shown: limited from outside, or not at its own limit.
bool may_be_more(const ShownSummary& s) {
  return is_lower_bound(s) || (s.metric == "throughput_per_s" && s.bound == "waiting");
}

void add_figures(const ShownResult& result, const Summaries& summaries, Measure& measure) {
  for (const std::string& name : summaries.cases()) {
    const ShownRunStack* const stack = stack_of(result, name);
    const ShownSummary* const figure = figure_of(measure, summaries, name);
    const bool is_ranked = figure != nullptr && figure->validity != "invalid" && !(stack != nullptr && stack->tuned);
    if (is_ranked) measure.figures.push_back(figure);
  }
  std::stable_sort(measure.figures.begin(), measure.figures.end(), [&](const auto* a, const auto* b) {
    return measure.lower_is_better ? a->value < b->value : a->value > b->value;
  });
}

Measure phase_measure(const Summaries& summaries, const std::string& phase, const std::vector<std::string>& phases) {
  Measure measure;
  measure.title = phase_title(phase, phases);
  measure.phase = phase;
  measure.metric = "throughput_per_s";
  std::string what = "requests/s";
  if (has_figure(summaries, phase, "delivery_p99_ns")) {
    measure.metric = "delivery_p99_ns";
    what = "delivery p99";
  } else if (is_open_phase(summaries, phase)) {
    measure.metric = "latency_p99_ns";
    what = "latency p99";
  }
  measure.lower_is_better = measure.metric != "throughput_per_s";
  measure.is_compared = !measure.lower_is_better || have_one_rate(summaries, phase);
  std::string heading = measure.title;
  for (std::size_t at = heading.find(" · "); at != std::string::npos; at = heading.find(" · "))
    heading.replace(at, std::string_view(" · ").size(), "\n");
  measure.heading = heading + "\n" + what;
  return measure;
}

bool overlap(const ShownSummary& a, const ShownSummary& b) {
  const auto one = spread_interval(a);
  const auto other = spread_interval(b);
  return one && other && one->low <= other->high && other->low <= one->high;
}

// The name of the command's argument.
std::string stack_name(const std::string& case_name) { return case_name.substr(0, case_name.rfind('/')); }

std::string titles_of(const std::vector<const Measure*>& measures) {
  std::vector<std::string> titles;
  titles.reserve(measures.size());
  for (const Measure* const measure : measures) titles.push_back(measure->title);
  return fmt::format("{}", fmt::join(titles, "; "));
}

std::string reason_of(Standing standing, const std::vector<const Measure*>& measures) {
  int fewest = kTrialsToDecide;
  for (const Measure* const measure : measures)
    fewest = std::min({fewest, measure->figures[0]->n, measure->figures[1]->n});
  switch (standing) {
    case Standing::few_trials:
      return fmt::format("{} trial{} per stack and phase, a decision needs {}", fewest, fewest == 1 ? "" : "s",
                         kTrialsToDecide);
    case Standing::open: return "a stack was not at its own limit and may do more";
    case Standing::degraded: return "one of the first two results is degraded";
    case Standing::tie: return "a tie, the 95 % intervals of the first two overlap";
    case Standing::apart: return "the 95 % intervals of the first two do not overlap";
    case Standing::nothing_to_compare: break;
  }
  return {};
}

std::vector<const Measure*> of_standing(const std::vector<Measure>& measures, Standing standing) {
  std::vector<const Measure*> found;
  for (const Measure& measure : measures) {
    if (!measure.phase.empty() && standing_of(measure) == standing) found.push_back(&measure);
  }
  return found;
}

// What compares two stacks goes on as that, so that both are measured in the same blocks.
std::string command_of(const ShownRun& run, const std::vector<std::string>& names, int blocks) {
  if (!run.compare || run.compare->a_case.empty() || run.compare->b_case.empty())
    return fmt::format("dyno run {} -p {} -b {}", fmt::join(names, " "), run.profile, blocks);
  return fmt::format("dyno compare stack:{} stack:{} -p {} --blocks {}", stack_name(run.compare->a_case),
                     stack_name(run.compare->b_case), run.profile, blocks);
}

}  // namespace

const ShownSummary* figure_of(const Measure& measure, const Summaries& summaries, const std::string& case_name) {
  if (measure.metric == kLoaded) return most_loaded(summaries, case_name);
  return summaries.find(case_name, measure.phase, measure.metric);
}

std::vector<Measure> measures_of(const ShownResult& result, const Summaries& summaries) {
  const std::vector<std::string> phases = phases_of(result, summaries);
  std::vector<Measure> measures;
  measures.reserve(phases.size() + 2);
  for (const std::string& phase : phases) measures.push_back(phase_measure(summaries, phase, phases));
  // Where no stack that was measured has the figure, the reasons are shown.
  const auto& measured = summaries.cases();
  const bool startup_absent = std::any_of(result.absent.begin(), result.absent.end(), [&](const ShownAbsence& one) {
    return one.phase.empty() && one.metric == "app_startup_ns" &&
           std::find(measured.begin(), measured.end(), one.case_name) != measured.end();
  });
  if (startup_absent || has_figure(summaries, "", "app_startup_ns"))
    measures.push_back({"Start-up", "Start-up\nto first\nHTTP 200", "", "app_startup_ns", true});
  const auto& cases = summaries.cases();
  if (std::any_of(cases.begin(), cases.end(),
                  [&](const auto& name) { return most_loaded(summaries, name) != nullptr; }))
    measures.push_back({"Memory under load", "Memory\nunder load\n(private)", "", kLoaded, true});
  for (Measure& measure : measures) add_figures(result, summaries, measure);
  return measures;
}

Standing standing_of(const Measure& measure) {
  if (!measure.is_compared || measure.figures.size() < 2) return Standing::nothing_to_compare;
  const ShownSummary& first = *measure.figures[0];
  const ShownSummary& second = *measure.figures[1];
  if (std::any_of(measure.figures.begin() + 1, measure.figures.end(), [](const auto* s) { return may_be_more(*s); }))
    return Standing::open;
  if (std::min(first.n, second.n) < kTrialsToDecide || !first.ci95 || !second.ci95) return Standing::few_trials;
  if (first.validity != "valid" || second.validity != "valid") return Standing::degraded;
  return overlap(first, second) ? Standing::tie : Standing::apart;
}

bool may_be_best(const Measure& measure, const ShownSummary& figure) {
  if (!measure.is_compared || measure.figures.size() < 2) return false;
  const ShownSummary* const best = measure.figures.front();
  const bool is_ranked = std::find(measure.figures.begin(), measure.figures.end(), &figure) != measure.figures.end();
  return is_ranked && (&figure == best || overlap(*best, figure) || may_be_more(figure));
}

std::string lead_text(const Measure& measure) {
  if (!measure.is_compared || measure.figures.size() < 2) return kNotMeasured;
  const ShownSummary& first = *measure.figures[0];
  const ShownSummary& second = *measure.figures[1];
  const double ratio = measure.lower_is_better ? second.value / first.value : first.value / second.value;
  if (!std::isfinite(ratio) || (may_be_more(first) && may_be_more(second))) return kNotMeasured;
  const char* const bound = may_be_more(first) ? "≥ " : may_be_more(second) ? "≤ " : "";
  return bound + (ratio < 3 ? fmt::format("{:.0f} %", 100 * (ratio - 1)) : fmt::format("{:.1f} times", ratio));
}

std::string lead_gap(const Measure& measure) {
  if (lead_text(measure) != kNotMeasured) return {};
  if (!measure.is_compared) return "not compared: each stack was offered a share of its own maximum";
  return measure.figures.size() < 2 ? "not compared: fewer than two good results"
                                    : "unknown: neither of the first two was at its own limit";
}

std::string share_text(const Measure& measure, const ShownSummary& figure) {
  if (!measure.is_compared || measure.figures.empty() || figure.validity == "invalid") return {};
  const ShownSummary& best = *measure.figures.front();
  const double share = figure.value / best.value;
  if (!std::isfinite(share)) return {};
  if (&figure == &best) return "100 %";
  if (may_be_more(figure) && may_be_more(best)) return {};
  const char* const bound = may_be_more(figure) ? "≥ " : may_be_more(best) ? "≤ " : "";
  return fmt::format("{}{:.0f} %", bound, 100 * share);
}

std::vector<std::string> decision_lines(const ShownResult& result, const std::vector<Measure>& measures) {
  if (measures.empty()) return {};
  std::vector<std::string> lines;
  if (const auto decided = of_standing(measures, Standing::apart); !decided.empty())
    lines.push_back(fmt::format("Decided: {}: {}.", titles_of(decided), reason_of(Standing::apart, decided)));
  std::size_t compared = 0;
  for (const Standing standing :
       {Standing::few_trials, Standing::open, Standing::degraded, Standing::tie, Standing::apart})
    compared += of_standing(measures, standing).size();
  std::vector<std::string> reasons;
  for (const Standing standing : {Standing::few_trials, Standing::open, Standing::degraded, Standing::tie}) {
    const auto open = of_standing(measures, standing);
    if (open.empty()) continue;
    const std::string where = open.size() == compared ? "" : fmt::format(" ({})", titles_of(open));
    reasons.push_back(reason_of(standing, open) + where);
  }
  if (!reasons.empty()) lines.push_back(fmt::format("Not a decision: {}.", fmt::join(reasons, "; ")));
  if (lines.empty() && result.run.stacks.size() == 1) lines.emplace_back("Not a decision: one stack alone.");
  else if (lines.empty()) lines.emplace_back("Not a decision: no phase has two results that can be compared.");
  return lines;
}

NextRun next_run(const ShownResult& result, const std::vector<Measure>& measures) {
  constexpr std::size_t kAllNamed = 4;
  const ShownRun& run = result.run;
  const auto needs_blocks = [&](Standing standing) { return !of_standing(measures, standing).empty(); };
  const bool is_tie = needs_blocks(Standing::tie);
  if (!is_tie && !needs_blocks(Standing::few_trials) && !needs_blocks(Standing::degraded)) return {};
  std::vector<std::string> names;
  for (const ShownRunStack& stack : run.stacks) {
    if (stack.failure.empty()) names.push_back(stack.name);
  }
  const auto closest = std::find_if(measures.begin(), measures.end(), [](const Measure& measure) {
    return measure.is_compared && measure.figures.size() >= 2;
  });
  if (names.size() > kAllNamed && closest != measures.end())
    names = {stack_name(closest->figures[0]->case_name), stack_name(closest->figures[1]->case_name)};
  const int measured = run.compare ? run.compare->blocks_measured : run.blocks;
  const int blocks = std::max(kTrialsToDecide, is_tie ? 2 * measured : kTrialsToDecide);
  NextRun next{command_of(run, names, blocks), ""};
  const auto begin = parse_instant(run.started_at);
  const auto end = parse_instant(run.finished_at);
  if (begin && end && measured > 0 && !run.stacks.empty()) {
    const double share = static_cast<double>(blocks) / measured * static_cast<double>(names.size()) /
                         static_cast<double>(run.stacks.size());
    const double minutes = static_cast<double>((*end - *begin).count()) * share / 60e9;
    next.takes = fmt::format("about {:.0f} min", std::max(1.0, minutes));
  }
  return next;
}

}  // namespace dyno::cli
