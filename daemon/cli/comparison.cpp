#include "cli/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "base/quantity.h"
#include "cli/decision.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

constexpr double kManyTimes = 3;  // from here on a factor reads better than a percentage

std::string what_of(const std::string& phase, const std::string& title) {
  return phase.empty() ? without_brackets(title) : phase_title(phase) + ": " + without_brackets(title);
}

// "+11 % (−7.6 to +42)": the ends of the interval are of the same kind as the change.
std::string interval_text(const ShownCompared& one) {
  if (!one.ratio) return "–";
  if (!one.ci95) return change_text(*one.ratio);
  const auto end = [](double ratio) {
    const std::string text = change_text(ratio);
    return text.ends_with(" %") ? text.substr(0, text.size() - 2) : text;
  };
  return fmt::format("{} ({} to {})", change_text(*one.ratio), end(one.ci95->low), end(one.ci95->high));
}

int count_of(const ShownComparison& all, std::string_view decision) {
  return static_cast<int>(std::count_if(all.rows.begin(), all.rows.end(),
                                        [&](const ShownCompared& one) { return one.decision == decision; }));
}

// "go-gin", or "postgres" of a service: whose image was another; empty: nobody's.
std::string image_owner(const ShownDifference& one) {
  constexpr std::string_view kOfService = "service_";
  constexpr std::string_view kAnImage = "_image";
  if (one.stack.empty() || one.what == "image") return one.stack;
  if (!one.what.starts_with(kOfService) || !one.what.ends_with(kAnImage)) return "";
  return one.what.substr(kOfService.size(), one.what.size() - kOfService.size() - kAnImage.size());
}

std::string differences_text(const ShownComparison& all) {
  std::vector<std::string> parts;
  for (const ShownDifference& one : all.differences) {
    if (!one.stack.empty()) continue;
    parts.push_back(fmt::format("{} {} → {}{}", one.what, one.a.empty() ? "(none)" : one.a,
                                one.b.empty() ? "(none)" : one.b, one.in_key ? " (not comparable)" : ""));
  }
  std::vector<std::string> owners;
  for (const ShownDifference& one : all.differences) {
    if (std::string owner = image_owner(one); !owner.empty()) owners.push_back(std::move(owner));
  }
  if (!owners.empty()) parts.push_back(fmt::format("another image of {}", fmt::join(owners, ", ")));
  return parts.empty() ? "The machine and the images were the same."
                       : fmt::format("Different: {}.", fmt::join(parts, "; "));
}

std::string bare(double value) { return fmt::format("{}", value); }

}  // namespace

// Of a comparison that decides nothing; the metric is one of which more or less is better.
std::string doubt_title(std::string_view doubt) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kDoubts{
      {{"environment", "another environment"},
       {"invalid", "a side is struck out"},
       {"not_positive", "no ratio of zero"},
       {"degraded", "a side is degraded"},
       {"bound", "limited from outside the stack"},
       {"spread", "not decided"},
       {"few_nights", "fewer than three nights"},
       {"nights", "nights differ"}}};
  for (const auto& [word, text] : kDoubts) {
    if (word == doubt) return std::string(text);
  }
  return doubt == "few_trials" ? "too few trials" : std::string(doubt);
}

std::string without_brackets(const std::string& title) { return title.substr(0, title.find(" (")); }

std::string figure_text(const ShownFigure& figure, const std::string& unit) {
  const char* const mark = figure.validity == "invalid" ? " ✗" : figure.validity == "degraded" ? " ~" : "";
  return format_value(figure.value, unit) + mark;
}

std::string detectable_text(const ShownCompared& one) {
  return one.mde_percent ? fmt::format("{:.{}f} %", *one.mde_percent, *one.mde_percent < 10 ? 1 : 0) : "–";
}

std::string side_text(const ShownSide& side) {
  const std::string of_case = side.case_name.empty() ? "" : case_title({}, side.case_name) + " of ";
  if (side.nights > 1)
    return fmt::format("{}{} nights up to {} ({} blocks)", of_case, side.nights, stamp(side.created_at), side.blocks);
  if (side.runs.size() != 1)
    return fmt::format("{}the median of {} runs up to {}", of_case, side.runs.size(), stamp(side.created_at));
  constexpr std::size_t kShort = 8;
  const std::string& id = side.runs.front();
  return fmt::format("{}run {} ({})", of_case, id.size() > kShort ? id.substr(id.size() - kShort) : id,
                     stamp(side.created_at));
}

std::string change_text(double ratio) {
  if (ratio >= kManyTimes) return fmt::format("{:.1f} times", ratio);
  const double percent = 100 * (ratio - 1);
  const int digits = std::abs(percent) < 9.95 ? 1 : 0;
  std::string text = fmt::format("{:.{}f} %", std::abs(percent), digits);
  if (text == "0.0 %") return text;
  return (percent < 0 ? "−" : "+") + text;
}

std::string verdict_text(const ShownCompared& one) {
  if (one.decision.empty()) return "";
  if (one.decision == "same") return "no change";
  if (one.decision != "inconclusive") return one.decision;
  if (one.doubt == "few_trials") return fmt::format("too few trials ({} of {})", one.n.value_or(0), kTrialsToDecide);
  return doubt_title(one.doubt);
}

std::string confidence_text(double confidence) {
  std::string text;
  for (int digits = 1; digits <= 6; ++digits) {
    text = fmt::format("{:.{}f}", 100 * confidence, digits);
    if (!text.starts_with("100")) break;
  }
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text + " %";
}

std::string interval_confidence(const ShownComparison& all) {
  const auto first =
      std::find_if(all.rows.begin(), all.rows.end(), [](const ShownCompared& one) { return one.ci95.has_value(); });
  return confidence_text(first == all.rows.end() ? ShownCompared().confidence : first->confidence);
}

std::string look_sentence(const ShownComparison& all) {
  if (!all.look) return "";
  return fmt::format("Blocks: {} of at most {}. Intervals: {}, so that stopping early errs no more often.",
                     all.look->blocks, all.look->most, interval_confidence(all));
}

std::vector<Table> comparison_tables(const ShownComparison& all) {
  std::vector<Table> tables;
  const std::string change = fmt::format("CHANGE ({})", interval_confidence(all));
  for (const ShownCompared& one : all.rows) {
    const std::string of_case = all.b.case_name.empty() ? case_title({}, one.case_name) + ", " : "";
    const std::string caption = of_case + (one.phase.empty() ? "trials as a whole" : phase_title(one.phase));
    if (tables.empty() || tables.back().caption != caption) {
      tables.push_back(
          {caption, {{"FIGURE"}, {"BEFORE", true}, {"AFTER", true}, {change, true}, {"NEEDS", true}, {"VERDICT"}}, {}});
    }
    const std::string verdict = one.doubt == "few_trials" ? doubt_title(one.doubt) : verdict_text(one);
    tables.back().rows.push_back({without_brackets(one.title), figure_text(one.a, one.unit),
                                  figure_text(one.b, one.unit), interval_text(one), detectable_text(one), verdict});
  }
  return tables;
}

std::vector<std::string> comparison_lines(const ShownComparison& all) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("Before: {}. After: {}. Profile {}.", side_text(all.a), side_text(all.b), all.b.profile));
  if (all.look) lines.push_back(look_sentence(all));
  std::map<std::string, int> doubts;
  std::optional<int> fewest;
  for (const ShownCompared& one : all.rows) {
    if (one.decision == "inconclusive") ++doubts[doubt_title(one.doubt)];
    if (one.doubt == "few_trials") fewest = std::min(fewest.value_or(kTrialsToDecide), one.n.value_or(0));
  }
  std::string open = fmt::format("{}", count_of(all, "inconclusive"));
  if (!doubts.empty()) {
    std::vector<std::string> reasons;
    reasons.reserve(doubts.size());
    for (const auto& [reason, count] : doubts) reasons.push_back(fmt::format("{} {}", count, reason));
    open += fmt::format(" ({})", fmt::join(reasons, ", "));
  }
  lines.push_back(fmt::format("Better: {}. Worse: {}. No change: {}. Open: {}.", count_of(all, "better"),
                              count_of(all, "worse"), count_of(all, "same"), open));
  if (fewest)
    lines.push_back(
        fmt::format("A decision needs {} trials on each side; the fewest here are {}.", kTrialsToDecide, *fewest));
  lines.push_back(differences_text(all));
  return lines;
}

Table comparison_csv(const ShownComparison& all) {
  Table table{"",
              {{"case"},
               {"phase"},
               {"metric"},
               {"unit"},
               {"a"},
               {"a_n"},
               {"b"},
               {"b_n"},
               {"ratio"},
               {"ci95_low"},
               {"ci95_high"},
               {"mde_percent"},
               {"decision"},
               {"doubt"},
               {"confidence"}},
              {}};
  for (const ShownCompared& one : all.rows) {
    table.rows.push_back({one.case_name, one.phase, one.metric, one.unit, bare(one.a.value), fmt::format("{}", one.a.n),
                          bare(one.b.value), fmt::format("{}", one.b.n), one.ratio ? bare(*one.ratio) : "",
                          one.ci95 ? bare(one.ci95->low) : "", one.ci95 ? bare(one.ci95->high) : "",
                          one.mde_percent ? bare(*one.mde_percent) : "", one.decision, one.doubt,
                          one.ci95 ? bare(one.confidence) : ""});
  }
  return table;
}

std::string sparkline(const ShownLine& line) {
  constexpr std::array<const char*, 8> kHeights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();
  const int last = line.points.empty() ? 0 : line.points.back().segment;
  for (const ShownPoint& one : line.points) {
    if (one.segment != last || one.n == 0) continue;
    least = std::min(least, one.value);
    greatest = std::max(greatest, one.value);
  }
  std::string text;
  const ShownPoint* before = nullptr;
  for (const ShownPoint& one : line.points) {
    if (before != nullptr && before->segment != one.segment) text += "│";
    before = &one;
    if (one.n == 0 || !(greatest >= least)) {
      text += "×";
      continue;
    }
    const double share = greatest > least ? (one.value - least) / (greatest - least) : 0.5;
    text += kHeights[static_cast<std::size_t>(std::clamp(share * 8, 0.0, 7.0))];
  }
  return text;
}

std::string since_last_text(const std::optional<ShownCompared>& change, const std::string& before_at) {
  if (!change || !change->ratio) return "nothing to compare with";
  const std::string verdict = verdict_text(*change);
  return fmt::format("{} since {}{}{}", change_text(*change->ratio), stamp(before_at), verdict.empty() ? "" : ": ",
                     verdict);
}

std::string history_text(const std::vector<HistoryRow>& rows) {
  std::string text;
  std::string case_name;
  for (const HistoryRow& row : rows) {
    const ShownLine& line = row.line;
    if (line.points.empty()) continue;
    if (line.series.case_name != case_name) {
      case_name = line.series.case_name;
      text +=
          fmt::format("{}{}, profile {}\n", text.empty() ? "" : "\n", case_title({}, case_name), line.series.profile);
    }
    const ShownPoint& point = line.points.back();
    const std::string last = figure_text({point.value, point.n, point.validity}, line.series.unit);
    const std::string spread =
        point.spread ? format_spread(point.spread->low, point.spread->high, point.value, line.series.unit) + ", " : "";
    text += fmt::format("  {}\n    {}  {} ({}{} trial{}) in the last of {} run{}\n    {}\n",
                        what_of(line.series.phase, line.series.title), sparkline(line), last, spread, point.n,
                        point.n == 1 ? "" : "s", line.in_all, line.in_all == 1 ? "" : "s",
                        since_last_text(row.change, row.before_at));
  }
  return text;
}

Table history_csv(const std::vector<HistoryRow>& rows) {
  Table table{"",
              {{"profile"},
               {"case"},
               {"phase"},
               {"metric"},
               {"unit"},
               {"at"},
               {"run"},
               {"segment"},
               {"n"},
               {"value"},
               {"low"},
               {"high"},
               {"validity"}},
              {}};
  for (const HistoryRow& row : rows) {
    const ShownSeries& s = row.line.series;
    for (const ShownPoint& one : row.line.points) {
      table.rows.push_back({s.profile, s.case_name, s.phase, s.metric, s.unit, one.at, one.run,
                            fmt::format("{}", one.segment), fmt::format("{}", one.n), bare(one.value),
                            one.spread ? bare(one.spread->low) : "", one.spread ? bare(one.spread->high) : "",
                            one.validity});
    }
  }
  return table;
}

}  // namespace dyno::cli
