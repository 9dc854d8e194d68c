#include "cli/pull_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/quantity.h"
#include "cli/comparison.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

constexpr std::size_t kNamedChanges = 3;  // of one kind; the table has them all

// What a change is called before the figures that changed so.
std::string change_word(const ShownCompared& one, bool is_worse) {
  if (one.metric.find("_cpu_") != std::string::npos) return is_worse ? "More CPU time" : "Less CPU time";
  if (one.unit == "B") return is_worse ? "More memory" : "Less memory";
  if (one.unit == "ns" || one.unit == "1/s") return is_worse ? "Slower" : "Faster";
  return is_worse ? "Worse" : "Better";
}

// "9.8 %": of the difference, without its sign.
std::string size_text(double ratio) {
  const double percent = std::abs(100 * (ratio - 1));
  return fmt::format("{:.{}f} %", percent, percent < 9.95 ? 1 : 0);
}

std::string without_unit(const std::string& text) { return text.substr(0, text.find(' ')); }

// "by 9.8 % (7.9 to 11 %)", "3.2 times as much (3.0 to 3.4)": the nearer end of the interval first.
std::string change_size(const ShownCompared& one) {
  if (!one.ratio) return "";
  const bool is_many = change_text(*one.ratio).ends_with("times");
  std::string text = is_many ? fmt::format("{:.1f} times as much", *one.ratio) : "by " + size_text(*one.ratio);
  if (!one.ci95) return text;
  std::pair<double, double> ends{one.ci95->low, one.ci95->high};
  if (is_many) return fmt::format("{} ({:.1f} to {:.1f})", text, ends.first, ends.second);
  if (std::abs(ends.first - 1) > std::abs(ends.second - 1)) std::swap(ends.first, ends.second);
  return fmt::format("{} ({} to {})", text, without_unit(size_text(ends.first)), size_text(ends.second));
}

std::set<std::string> compared_cases(const ShownComparison& all) {
  std::set<std::string> cases;
  for (const ShownCompared& one : all.rows) cases.insert(one.case_name);
  return cases;
}

std::vector<std::string> compared_phases(const ShownComparison& all) {
  std::vector<std::string> phases;
  for (const ShownCompared& one : all.rows) {
    if (!one.phase.empty()) phases.push_back(one.phase);
  }
  return phases;
}

std::string begun_small(std::string text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!text.empty() && is_capital(text[0]) && (text.size() < 2 || !is_capital(text[1])))
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

// "checkout · 32 connections, throughput".
std::string changed_figure(const ShownCompared& one, bool with_case, const std::vector<std::string>& phases) {
  std::vector<std::string> parts;
  if (with_case) parts.push_back(case_title({}, one.case_name));
  if (!one.phase.empty()) parts.push_back(phase_title(one.phase, phases));
  parts.push_back(begun_small(without_brackets(one.title)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

double change_weight(const ShownCompared& one) { return one.ratio ? std::abs(std::log(*one.ratio)) : -1; }

// Worse first, then better, open, and what did not change; within each the largest change first.
std::vector<ShownCompared> rows_by_weight(const ShownComparison& all) {
  const auto place = [](const ShownCompared& one) {
    constexpr std::array<std::string_view, 4> kOrder{"worse", "better", "", "same"};
    const std::string_view decision = one.decision == "inconclusive" ? "" : std::string_view(one.decision);
    return std::find(kOrder.begin(), kOrder.end(), decision) - kOrder.begin();
  };
  std::vector<ShownCompared> rows = all.rows;
  std::stable_sort(rows.begin(), rows.end(), [&](const ShownCompared& a, const ShownCompared& b) {
    if (place(a) != place(b)) return place(a) < place(b);
    return change_weight(a) > change_weight(b);
  });
  return rows;
}

// One sentence for each word, the one with the largest change first.
void add_changes(const ShownComparison& all, bool is_worse, std::vector<std::string>& sentences) {
  const bool with_case = compared_cases(all).size() > 1;
  const std::vector<std::string> phases = compared_phases(all);
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const ShownCompared& one : rows_by_weight(all)) {
    if (one.decision != (is_worse ? "worse" : "better")) continue;
    const std::string word = change_word(one, is_worse);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& each) { return each.first == word; });
    if (group == groups.end()) group = groups.insert(groups.end(), {word, {}});
    group->second.push_back(changed_figure(one, with_case, phases) + " " + change_size(one));
  }
  for (auto& [word, changes] : groups) {
    const std::size_t more = changes.size() > kNamedChanges ? changes.size() - kNamedChanges : 0;
    changes.resize(changes.size() - more);
    if (more > 0) changes.push_back(fmt::format("and {} more", more));
    sentences.push_back(fmt::format("{}: {}.", word, fmt::join(changes, "; ")));
  }
}

std::string same_sentence(int count, double farthest, bool is_rest, bool has_changes) {
  const std::string bound = size_text(1 + farthest);
  const char* const verb = count == 1 ? "does" : "do";
  if (!has_changes) {
    return fmt::format("No change: {} {} not differ by more than {}.",
                       count == 1 ? "1 figure" : fmt::format("{} figures", count), verb, bound);
  }
  if (is_rest)
    return fmt::format("The other {} {} not differ by more than {}.", count == 1 ? "one" : std::to_string(count), verb,
                       bound);
  return fmt::format("{} {} not differ by more than {}.", count == 1 ? "1 other" : fmt::format("{} others", count),
                     verb, bound);
}

std::string open_sentence(int count, const std::map<std::string, int>& doubts, bool is_all) {
  std::vector<std::string> reasons;
  reasons.reserve(doubts.size());
  for (const auto& [reason, n] : doubts)
    reasons.push_back(doubts.size() == 1 ? reason : fmt::format("{} {}", n, reason));
  const std::string why = fmt::format("{}", fmt::join(reasons, ", "));
  const char* const verb = count == 1 ? "is" : "are";
  if (!is_all) return fmt::format("{} {} open: {}.", count, verb, why);
  return fmt::format("Nothing is decided: {} {} open ({}).", count == 1 ? "1 figure" : fmt::format("{} figures", count),
                     verb, why);
}

// What could break a table or be taken for a tag.
std::string plain_text(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '|') plain += "\\|";
    else if (c == '<') plain += "&lt;";
    else plain += c == '\n' || c == '\r' ? ' ' : c;
  }
  return plain;
}

std::string value_and_count(const ShownFigure& figure, const std::string& unit) {
  return figure.n == 0 ? std::string("–, n = 0") : fmt::format("{}, n = {}", figure_text(figure, unit), figure.n);
}

std::string signed_change(const ShownCompared& one) {
  if (!one.ratio) return "–";
  if (!one.ci95) return change_text(*one.ratio);
  return fmt::format("{} ({} to {})", change_text(*one.ratio), change_text(one.ci95->low), change_text(one.ci95->high));
}

std::string verdict_cell(const ShownCompared& one) {
  if (one.decision.empty()) return "neither is better";
  const std::string text = verdict_text(one);
  return one.decision == "worse" ? "**worse**" : text;
}

std::string rows_text(const ShownComparison& all) {
  const bool with_case = compared_cases(all).size() > 1;
  const std::vector<std::string> phases = compared_phases(all);
  std::string text = fmt::format(
      "|{} Workload | Figure | Before | After | Change ({} interval) | Decision | Least change that could be seen |\n"
      "|{}---|---|--:|--:|--:|---|--:|\n",
      with_case ? " Stack |" : "", interval_confidence(all), with_case ? "---|" : "");
  for (const ShownCompared& one : rows_by_weight(all)) {
    std::vector<std::string> cells;
    if (with_case) cells.push_back(plain_text(case_title({}, one.case_name)));
    cells.push_back(plain_text(one.phase.empty() ? "trials as a whole" : phase_title(one.phase, phases)));
    cells.push_back(plain_text(without_brackets(one.title)));
    cells.push_back(value_and_count(one.a, one.unit));
    cells.push_back(value_and_count(one.b, one.unit));
    cells.push_back(signed_change(one));
    cells.push_back(verdict_cell(one));
    cells.push_back(detectable_text(one));
    text += fmt::format("| {} |\n", fmt::join(cells, " | "));
  }
  return text;
}

// The side with a link to its run, where it is one.
std::string side_link(const ShownSide& side, std::string_view server) {
  std::string text = plain_text(side_text(side));
  if (side.runs.size() != 1 || server.empty()) return text;
  return fmt::format("[{}]({}/runs/{})", text, server, side.runs.front());
}

std::string design_text(const ShownComparison& all) {
  const bool is_paired = !all.rows.empty() && all.rows.front().design == "paired";
  return is_paired
             ? "Both were measured in the same blocks of one run, in random order; a change is that of their pairs."
             : "They were measured in different runs; a change is that of their trials.";
}

std::string difference_line(const ShownDifference& one) {
  std::string what = one.what;
  std::replace(what.begin(), what.end(), '_', ' ');
  return plain_text(fmt::format("{}{}: {} → {}{}", one.stack.empty() ? "" : one.stack + ", ", what,
                                one.a.empty() ? "(none)" : one.a, one.b.empty() ? "(none)" : one.b,
                                one.in_key ? " (not comparable)" : ""));
}

}  // namespace

std::vector<std::string> outcome_sentences(const ShownComparison& all) {
  std::vector<std::string> sentences;
  add_changes(all, true, sentences);
  add_changes(all, false, sentences);
  const bool has_changes = !sentences.empty();
  int same = 0;
  int open = 0;
  double farthest = 0;
  std::map<std::string, int> doubts;
  for (const ShownCompared& one : all.rows) {
    if (one.decision == "same") {
      ++same;
      if (one.ci95) farthest = std::max({farthest, std::abs(one.ci95->low - 1), std::abs(one.ci95->high - 1)});
    }
    if (one.decision == "inconclusive") {
      ++open;
      ++doubts[one.doubt == "spread" ? "too wide an interval" : doubt_title(one.doubt)];
    }
  }
  if (same > 0) sentences.push_back(same_sentence(same, farthest, open == 0, has_changes));
  if (open > 0) sentences.push_back(open_sentence(open, doubts, sentences.empty()));
  if (sentences.empty()) sentences.emplace_back("Nothing here is better or worse.");
  return sentences;
}

std::string pull_request_text(const ShownComparison& all, std::string_view server, std::string_view link) {
  std::string text = fmt::format("**{}**\n\n", plain_text(fmt::format("{}", fmt::join(outcome_sentences(all), " "))));
  text += rows_text(all);
  text += "\n<details>\n<summary>How it was measured</summary>\n\n";
  text += fmt::format("- Before: {}. After: {}. Profile {}.\n", side_link(all.a, server), side_link(all.b, server),
                      plain_text(all.b.profile));
  text += fmt::format("- {}\n", design_text(all));
  if (all.look) text += fmt::format("- {}\n", look_sentence(all));
  text += "- The last column is the least change that four of five such comparisons decide.\n";
  if (all.differences.empty()) text += "- The machine and the images were the same.\n";
  for (const ShownDifference& one : all.differences) text += fmt::format("- Different: {}\n", difference_line(one));
  if (!link.empty()) text += fmt::format("- [All figures and charts]({})\n", link);
  return text + "\n</details>\n";
}

}  // namespace dyno::cli
