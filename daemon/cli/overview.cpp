#include "cli/overview.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/quantity.h"
#include "base/text.h"
#include "cli/decision.h"
#include "cli/figures.h"
#include "cli/leaderboard.h"
#include "cli/objectives.h"
#include "cli/result_table.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

constexpr std::size_t kUsualHeading = std::string_view("32 connections").size();  // is not wrapped

// Reasons below the tables, each once.
class Footnotes {
 public:
  std::string mark(const std::string& reason) {
    if (reason.empty()) return {};
    auto found = std::find(reasons_.begin(), reasons_.end(), reason);
    if (found == reasons_.end()) found = reasons_.insert(reasons_.end(), reason);
    return fmt::format(" [{}]", found - reasons_.begin() + 1);
  }
  const std::vector<std::string>& reasons() const { return reasons_; }

 private:
  std::vector<std::string> reasons_;
};

struct Cell {
  std::string value;
  std::string spread{};
  Ink ink = Ink::plain;
};

// A stack in a mode.
struct Row {
  std::string case_name;
  std::vector<std::string> label;
};

struct Page {
  const ShownResult& result;
  const Screen& screen;
  Summaries summaries;
  std::vector<Measure> measures;
  std::size_t label_width = 0;
  std::vector<Row> rows{};
  Footnotes notes{};
};

std::string gate_titles(const ShownSummary& s) {
  std::vector<std::string> titles;
  for (const ShownWarning& gate : s.gates) {
    const std::string title = gate_title(gate.gate);
    if (std::find(titles.begin(), titles.end(), title) == titles.end()) titles.push_back(title);
  }
  return fmt::format("{}", fmt::join(titles, "; "));
}

std::string absence_reason(const ShownResult& result, const Measure& measure, const std::string& case_name) {
  for (const ShownGap& gap : result.gaps) {
    if (gap.case_name == case_name && gap.phase == measure.phase) return gap.reason;
  }
  for (const ShownAbsence& absence : result.absent) {
    if (absence.case_name == case_name && absence.phase == measure.phase && absence.metric == measure.metric)
      return absence.reason;
  }
  return {};
}

// The farther end of the spread, as a share of the value.
std::string reach_text(const ShownSummary& s) {
  const auto spread = spread_interval(s);
  if (!spread || s.value <= 0) return {};
  const double reach = std::max(spread->high - s.value, s.value - spread->low) / s.value;
  return reach < 0.005 ? "±<1 %" : fmt::format("±{:.0f} %", 100 * reach);
}

// In the matrix the heading has the unit of a rate.
std::string marked_value(const ShownSummary& s, bool with_unit) {
  const char* const mark = s.validity == "invalid" ? kStruckOut : s.validity == "degraded" ? kDegraded : "";
  std::string value = format_value(s.value, s.unit);
  if (!with_unit && value.ends_with("/s")) value.resize(value.size() - 2);
  return fmt::format("{}{}{}", mark, is_lower_bound(s) ? "≥" : "", value);
}

Cell cell_of(Page& page, const Measure& measure, const std::string& case_name, bool with_unit) {
  const ShownSummary* const s = figure_of(measure, page.summaries, case_name);
  if (s == nullptr) return {kNotMeasured + page.notes.mark(absence_reason(page.result, measure, case_name))};
  if (s->validity == "invalid")
    return {marked_value(*s, with_unit) + page.notes.mark("struck out: " + gate_titles(*s)), "", Ink::dim};
  const bool in_front = may_be_best(measure, *s);
  return {(in_front ? "*" : "") + marked_value(*s, with_unit), reach_text(*s), in_front ? Ink::bold : Ink::plain};
}

// The phase that leads the page: the first closed loop that two stacks can be compared in, otherwise the first phase.
const Measure* headline_of(const std::vector<Measure>& measures) {
  const auto found = std::find_if(measures.begin(), measures.end(), [](const Measure& m) {
    return !m.phase.empty() && !m.lower_is_better && m.figures.size() > 1;
  });
  if (found != measures.end()) return &*found;
  return measures.empty() || measures.front().phase.empty() ? nullptr : &measures.front();
}

// Best first by the headline; then what has no rank there, tuned stacks last.
void add_rows(Page& page) {
  const Measure* const headline = headline_of(page.measures);
  std::vector<std::string> names = page.summaries.cases();
  for (const ShownGap& gap : page.result.gaps) {
    if (std::find(names.begin(), names.end(), gap.case_name) == names.end()) names.push_back(gap.case_name);
  }
  const auto place = [&](const std::string& name) {
    const ShownRunStack* const stack = stack_of(page.result, name);
    std::size_t at = names.size();
    for (std::size_t i = 0; headline != nullptr && i < headline->figures.size(); ++i) {
      if (headline->figures[i]->case_name == name) at = i;
    }
    return std::pair(stack != nullptr && stack->tuned, at);
  };
  std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  const std::size_t most = page.screen.width / 3;
  for (const std::string& name : names) {
    const std::string title = case_title(page.result.run.stacks, name) + (place(name).first ? ", tuned" : "");
    page.rows.push_back({name, wrap_to_width(title, most)});
    for (const std::string& line : page.rows.back().label)
      page.label_width = std::max(page.label_width, display_width(line));
  }
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// In eighths of a column.
std::string bar_of(double share, std::size_t width) {
  constexpr std::array<const char*, 8> kPart{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(width) * 8;
  const auto eighths = std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(wanted)));
  std::string bar;
  for (std::size_t i = 0; i < eighths / 8; ++i) bar += "█";
  return bar + kPart.at(eighths % 8);
}

// A line of the headline: bar, figure, spread, share of the best.
struct Bar {
  Cell cell;
  double share = 0;  // of the longest; 0: none
  std::string spread;
  std::string of_best;
};

std::string bars_text(Page& page, const Measure& measure) {
  std::vector<Bar> bars;
  double longest = 0;
  for (const Row& row : page.rows) {
    const ShownSummary* const s = figure_of(measure, page.summaries, row.case_name);
    if (s != nullptr && s->validity != "invalid") longest = std::max(longest, s->value);
  }
  bool intervals = false;
  const char* const what = measure.metric == "throughput_per_s" ? "THROUGHPUT" : "P99";
  std::array<std::size_t, 3> widths{display_width(what), 0, display_width("OF BEST")};
  for (const Row& row : page.rows) {
    const ShownSummary* const s = figure_of(measure, page.summaries, row.case_name);
    Bar bar{cell_of(page, measure, row.case_name, true), 0, "", ""};
    if (s != nullptr && s->validity != "invalid") {
      bar.share = longest > 0 ? s->value / longest : 0;
      bar.spread = spread_interval(*s) ? spread_of(s) : "1 trial";
      bar.of_best = share_text(measure, *s);
      intervals = intervals || s->ci95;
    }
    widths[0] = std::max(widths[0], display_width(bar.cell.value));
    widths[1] = std::max(widths[1], display_width(bar.spread));
    bars.push_back(std::move(bar));
  }
  const std::string spread_title = intervals ? "95 % INTERVAL" : "(MIN–MAX)";
  widths[1] = std::max(widths[1], display_width(spread_title));
  const std::size_t others = page.label_width + widths[0] + widths[1] + widths[2] + 4 * kColumnGap;
  const std::size_t bar_width =
      std::min<std::size_t>(40, page.screen.width > others + 6 ? page.screen.width - others : 6);
  const std::string gap(kColumnGap, ' ');
  std::string text =
      trimmed(padded("", page.label_width + bar_width + kColumnGap) + gap + padded(what, widths[0], true) + gap +
              padded(spread_title, widths[1], true) + gap + padded("OF BEST", widths[2], true));
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Bar& bar = bars[i];
    const auto& label = page.rows[i].label;
    text += trimmed(inked(padded(label[0], page.label_width), bar.cell.ink, page.screen) + gap +
                    padded(bar.share > 0 ? bar_of(bar.share, bar_width) : "", bar_width) + gap +
                    inked(padded(bar.cell.value, widths[0], true), bar.cell.ink, page.screen) + gap +
                    inked(padded(bar.spread, widths[1], true), Ink::dim, page.screen) + gap +
                    padded(bar.of_best, widths[2], true));
    for (std::size_t line = 1; line < label.size(); ++line) text += label[line] + "\n";
  }
  return text;
}

// A column of the matrix with its texts and widths.
struct MatrixColumn {
  std::vector<std::string> heading;
  std::vector<Cell> cells;
  std::size_t value_width = 0;
  std::size_t width = 0;
};

MatrixColumn column_of(Page& page, const Measure& measure) {
  MatrixColumn column;
  std::size_t spread_width = 0;
  for (const Row& row : page.rows) column.cells.push_back(cell_of(page, measure, row.case_name, false));
  for (const Cell& cell : column.cells) {
    column.value_width = std::max(column.value_width, cell.spread.empty() ? 0 : display_width(cell.value));
    spread_width = std::max(spread_width, display_width(cell.spread));
  }
  const std::size_t both = column.value_width + (spread_width > 0 ? spread_width + 1 : 0);
  column.width = both;
  column.cells.push_back({lead_text(measure) + page.notes.mark(lead_gap(measure)), ""});
  for (const Cell& cell : column.cells)
    if (cell.spread.empty()) column.width = std::max(column.width, display_width(cell.value));
  for (const std::string_view line : split(measure.heading, '\n'))
    column.width = std::max({column.width, longest_word(line), std::min(kUsualHeading, display_width(line))});
  column.value_width += column.width - both;
  for (const std::string_view line : split(measure.heading, '\n')) {
    for (std::string& part : wrap_to_width(line, column.width)) column.heading.push_back(std::move(part));
  }
  return column;
}

std::string cell_text(const MatrixColumn& column, const Cell& cell, const Screen& screen) {
  if (cell.spread.empty()) return inked(padded(cell.value, column.width, true), cell.ink, screen);
  const std::size_t rest = column.width - column.value_width;
  return inked(padded(cell.value, column.value_width, true), cell.ink, screen) +
         inked(padded(" " + cell.spread, rest), Ink::dim, screen);
}

// Some columns side by side, with their headings at the bottom of their lines.
std::string block_text(const Page& page, const std::vector<MatrixColumn>& columns) {
  std::size_t height = 0;
  for (const MatrixColumn& column : columns) height = std::max(height, column.heading.size());
  const std::string gap(kColumnGap, ' ');
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    std::string heads = padded("", page.label_width);
    for (const MatrixColumn& column : columns) {
      const std::size_t above = height - column.heading.size();
      heads += gap + padded(line < above ? "" : column.heading[line - above], column.width, true);
    }
    text += trimmed(std::move(heads));
  }
  for (std::size_t i = 0; i <= page.rows.size(); ++i) {
    const bool is_lead = i == page.rows.size();
    if (is_lead && page.rows.size() < 2) break;
    const std::vector<std::string> label = is_lead ? std::vector<std::string>{"Lead"} : page.rows[i].label;
    std::string line = padded(label[0], page.label_width);
    for (const MatrixColumn& column : columns) line += gap + cell_text(column, column.cells[i], page.screen);
    text += trimmed(std::move(line));
    for (std::size_t more = 1; more < label.size(); ++more) text += label[more] + "\n";
  }
  return text;
}

// Stacks × phases, in blocks of as many phases as fit.
std::string matrix_text(Page& page) {
  std::string text;
  std::vector<MatrixColumn> block;
  std::size_t used = page.label_width;
  for (const Measure& measure : page.measures) {
    MatrixColumn column = column_of(page, measure);
    if (!block.empty() && used + kColumnGap + column.width > page.screen.width) {
      text += block_text(page, block) + "\n";
      block.clear();
      used = page.label_width;
    }
    used += kColumnGap + column.width;
    block.push_back(std::move(column));
  }
  return block.empty() ? text : text + block_text(page, block);
}

// What the marks mean, of those that the text has.
std::string legend_of(const Page& page, std::string_view text) {
  bool intervals = false;
  bool ranges = false;
  bool single = false;
  for (const Measure& measure : page.measures) {
    for (const ShownSummary* const s : measure.figures) {
      intervals = intervals || s->ci95;
      ranges = ranges || (!s->ci95 && s->range);
      single = single || s->n == 1;
    }
  }
  std::vector<std::string> parts;
  const auto add = [&](std::string_view mark, std::string meaning) {
    if (text.find(mark) != std::string_view::npos) parts.push_back(std::move(meaning));
  };
  add("*", "* may be the best: the first, a spread that overlaps it, or not at its own limit");
  add("±", fmt::format("± reach of {}", !ranges     ? "the 95 % interval"
                                        : intervals ? "the 95 % interval, of fewer than 6 trials minimum–maximum"
                                                    : "minimum–maximum"));
  add("~", "~ degraded by a gate");
  add("≥", "≥ at least: the database or the load generator was the limit");
  add(kStruckOut, "✗ struck out by a gate");
  add(" –", "– none");
  if (single) parts.emplace_back("one trial has no spread");
  return fmt::format("{}", fmt::join(parts, "; "));
}

// How many of the shown figures are good, and which gates marked the others.
std::string quality_text(const Page& page) {
  std::map<std::string, int> verdicts;
  std::map<std::string, int> reasons;
  for (const Measure& measure : page.measures) {
    for (const Row& row : page.rows) {
      const ShownSummary* const s = figure_of(measure, page.summaries, row.case_name);
      if (s == nullptr) continue;
      ++verdicts[s->validity];
      if (s->validity == "valid") continue;
      for (const ShownWarning& gate : s->gates) ++reasons[gate_title(gate.gate)];
    }
  }
  std::string text = fmt::format("{} figures valid", verdicts["valid"]);
  if (verdicts["degraded"] > 0) text += fmt::format(", {} degraded (~)", verdicts["degraded"]);
  if (verdicts["invalid"] > 0) text += fmt::format(", {} struck out (✗)", verdicts["invalid"]);
  std::vector<std::pair<int, std::string>> order;
  order.reserve(reasons.size());
  for (const auto& [title, count] : reasons) order.emplace_back(-count, title);
  std::sort(order.begin(), order.end());
  constexpr std::size_t kNamed = 4;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(kNamed, order.size()); ++i)
    parts.push_back(fmt::format("{} ({})", order[i].second, -order[i].first));
  if (order.size() > kNamed) parts.push_back(fmt::format("and {} more gates", order.size() - kNamed));
  if (!parts.empty()) text += fmt::format(": {}", fmt::join(parts, ", "));
  std::vector<std::string> warnings;
  for (const ShownWarning& warning : page.result.run.warnings) warnings.push_back(gate_title(warning.gate));
  return warnings.empty() ? text : fmt::format("{}. The whole run: {}", text, fmt::join(warnings, ", "));
}

std::string first_line(const Page& page) {
  const ShownRun& run = page.result.run;
  const auto [fewest, most] = trial_counts(page.result);
  std::size_t phases = 0;
  for (const Measure& measure : page.measures) phases += measure.phase.empty() ? 0 : 1;
  const auto counted = [](std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  std::string text = fmt::format("Run {}, {}: {}, {}", short_id(run.id), run.profile,
                                 counted(run.stacks.size(), "stack"), counted(phases, "phase"));
  if (most > 0)
    text += (fewest == most ? ", " : ", up to ") + counted(static_cast<std::size_t>(most), "trial") + " each";
  const auto begin = parse_instant(run.started_at);
  const auto end = parse_instant(run.finished_at);
  if (begin && end) text += ", " + format_span(*end - *begin);
  return text + ". " + outcome_text(page.result) + ".";
}

// The server's last output and the reason, folded into the screen.
std::string failures_text(const ShownResult& result, const Screen& screen) {
  const auto failures = failure_lines(result);
  if (failures.empty()) return {};
  std::string text = inked("Failed", Ink::red, screen) + "\n";
  for (const std::string& failure : failures) {
    const std::string line = visible(failure, 2000);
    const std::size_t indent = line.find_first_not_of(' ') == std::string::npos ? 0 : line.find_first_not_of(' ');
    const Ink ink = indent == 0 ? Ink::red : Ink::plain;
    for (const std::string& part : wrap_to_width(line.substr(indent), screen.width - indent - 2))
      text += std::string(indent + 2, ' ') + inked(part, ink, screen) + "\n";
  }
  return text + "\n";
}

bool is_under_way(std::string_view state) {
  constexpr std::array<std::string_view, 6> kUnderWay{"queued",  "acquiring",  "preparing",
                                                      "running", "collecting", "analyzing"};
  return std::find(kUnderWay.begin(), kUnderWay.end(), state) != kUnderWay.end();
}

std::string next_text(const Page& page) {
  const ShownResult& result = page.result;
  const std::size_t width = page.screen.width;
  if (result.run.finished_at.empty() && is_under_way(result.run.state))
    return "Still going. Next:\n  dyno runs watch " + short_id(result.run.id) + "\n";
  std::string text;
  for (const std::string& line : decision_lines(result, page.measures)) text += hanging(line, width, 2) + "\n";
  const auto& decision = result.run.decision;
  if (decision && !decision->schedule.empty()) {
    const std::string pooled = fmt::format("With the nights before it (dyno leaderboard --run {}): {}",
                                           short_id(result.run.id), pool_text(*decision));
    text += hanging(pooled, width, 2) + "\n";
  }
  const NextRun next = next_run(result, page.measures);
  if (next.command.empty()) return text;
  std::string command = "  " + hanging(next.command, width - 4, 4);
  for (std::size_t at = command.find('\n'); at != std::string::npos; at = command.find('\n', at + 3))
    command.replace(at, 1, " \\\n");
  return text + (next.takes.empty() ? "Next:\n" : "Next (" + next.takes + "):\n") + command + "\n";
}

std::string links_text(const Page& page, std::string_view server) {
  const std::string& id = page.result.run.id;
  return fmt::format("All   dyno runs show {} --all\nPage  {}/runs/{}\nData  {}/api/v1/runs/{}\n", short_id(id), server,
                     id, server, id);
}

}  // namespace

std::string overview_text(const ShownResult& result, std::string_view server, const Screen& screen) {
  const Summaries summaries(result);
  Page page{result, screen, summaries, measures_of(result, summaries)};
  add_rows(page);
  std::string text = hanging(first_line(page), screen.width, 2) + "\n\n";
  std::string figures;
  if (const Measure* const headline = headline_of(page.measures); headline != nullptr && !page.rows.empty()) {
    const char* const loop = headline->metric == "throughput_per_s" ? ": throughput, closed loop"
                             : headline->metric == "latency_p99_ns" ? ": latency p99, open loop"
                                                                    : ": delivery p99";
    figures += inked(hanging(headline->title + loop, screen.width, 2), Ink::bold, screen) + "\n";
    figures += bars_text(page, *headline) + "\n";
  }
  if (!page.rows.empty()) figures += matrix_text(page);
  if (!figures.empty()) {
    text += figures;
    if (const std::string legend = legend_of(page, figures); !legend.empty())
      text += inked(hanging(legend, screen.width, 0), Ink::dim, screen) + "\n";
    for (std::size_t i = 0; i < page.notes.reasons().size(); ++i)
      text += hanging(fmt::format("[{}] {}", i + 1, visible(page.notes.reasons()[i], 400)), screen.width, 4) + "\n";
    text += "\n";
  }
  text += failures_text(result, screen);
  const std::vector<std::string> objectives = objective_lines(result);
  constexpr std::size_t kAfterState = 11;
  for (const std::string& line : objectives) {
    const Ink ink = line.starts_with("broken") ? Ink::red : Ink::plain;
    text += inked(hanging(visible(line, 400), screen.width, kAfterState), ink, screen) + "\n";
  }
  if (!objectives.empty()) text += "\n";
  if (const std::string next = next_text(page); !next.empty()) text += next + "\n";
  if (!page.rows.empty()) text += hanging("Quality: " + quality_text(page) + ".", screen.width, 2) + "\n";
  text +=
      hanging("Machine: " + machine_of(result) + "; base images: " + bases_text(result) + ".", screen.width, 2) + "\n";
  return text + links_text(page, server);
}

}  // namespace dyno::cli
