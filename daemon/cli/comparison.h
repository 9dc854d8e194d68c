// What a comparison and a line of history look like in the terminal: figures side by side, the change with its interval, the verdict in words.
// The words for decisions and doubts stand here alone. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shown.h"
#include "cli/table.h"

namespace dyno::cli {

// "+3.1 %", "−0.4 %", "3.2 times".
std::string change_text(double ratio);
// "better", "no change", "too few trials (2 of 10)".
std::string verdict_text(const ShownCompared& one);
// Why a comparison decides nothing: "another environment".
std::string doubt_title(std::string_view doubt);
// "Start-up time", without what stands in brackets.
std::string without_brackets(const std::string& title);
// With its mark where a gate struck it out or degraded it.
std::string figure_text(const ShownFigure& figure, const std::string& unit);
// The least change that such a comparison decides: "6.2 %".
std::string detectable_text(const ShownCompared& one);
// "run 6c1d8e44 (28 Nov 2026, 02:30)", of nights, a median or one case what they are.
std::string side_text(const ShownSide& side);
// "95 %", "99.3 %", "99.97 %": a confidence below 1 is never rounded up to 100 %.
std::string confidence_text(double confidence);
// That of all intervals of the comparison: "95 %".
std::string interval_confidence(const ShownComparison& all);
// "Blocks: 14 of at most 40. Intervals: 99.5 %, so that stopping early errs no more often."; empty: no such comparison.
std::string look_sentence(const ShownComparison& all);
// One table per case and phase.
std::vector<Table> comparison_tables(const ShownComparison& all);
// What was compared, how much was decided, why the rest was not, and what was another on the two sides.
std::vector<std::string> comparison_lines(const ShownComparison& all);
// Every row with bare numbers, for csv.
Table comparison_csv(const ShownComparison& all);

// Eight heights between the least and the greatest value of the last segment; │ between segments, × where nothing was valid.
std::string sparkline(const ShownLine& line);
// "+0.4 % since 28 Nov 2026, 02:30: no change"; of the last run alone without one before it.
std::string since_last_text(const std::optional<ShownCompared>& change, const std::string& before_at);

struct HistoryRow {
  ShownLine line;
  std::optional<ShownCompared> change;  // of its newest run against the one before
  std::string before_at;
};
// Three lines for each figure: what it is, its line with the last value, and the change since the run before.
std::string history_text(const std::vector<HistoryRow>& rows);
// Every point with bare numbers.
Table history_csv(const std::vector<HistoryRow>& rows);

}  // namespace dyno::cli
