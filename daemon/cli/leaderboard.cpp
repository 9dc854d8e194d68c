#include "cli/leaderboard.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/quantity.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

std::string reason_text(std::string_view why) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kReasons{
      {{"class", "tuned"},
       {"waiting", "CPU not saturated"},
       {"own_rate", "a rate of its own"},
       {"loader", "load generator was the limit"},
       {"database", "database was the limit"},
       {"invalid", "struck out"},
       {"not_positive", "no ratio of zero"}}};
  for (const auto& [word, text] : kReasons) {
    if (word == why) return std::string(text);
  }
  return std::string(why);
}

std::string place_text(const ShownBoardRow& row) {
  if (row.best_place == 0) return "–";
  if (row.best_place == row.worst_place) return fmt::format("{}", row.best_place);
  return fmt::format("{}–{}", row.best_place, row.worst_place);
}

std::string ratio_text(const ShownBoardRow& row) {
  if (!row.ratio) return "–";
  const auto number = [](double ratio) {
    return ratio < 3 ? fmt::format("{:.0f}", 100 * ratio) : fmt::format("{:.3g}", 100 * ratio);
  };
  if (!row.ratio_ci95) return number(*row.ratio) + " %";
  return fmt::format("{} % ({}–{})", number(*row.ratio), number(row.ratio_ci95->low), number(row.ratio_ci95->high));
}

std::string caption_of(const ShownBoard& board) {
  const std::string what = board.title.substr(0, board.title.find(" ("));
  if (!board.phases.empty()) {
    std::vector<std::string> titles;
    titles.reserve(board.phases.size());
    for (const std::string& phase : board.phases) titles.push_back(phase_title(phase));
    return fmt::format("{}: geometric mean of {}", what, fmt::join(titles, "; "));
  }
  return board.phase.empty() ? what : phase_title(board.phase) + ": " + what;
}

std::string name_of(const ShownBoardRow& row) {
  return row.mode.empty() || row.mode == "single" ? row.title : row.title + ", " + row.mode;
}

}  // namespace

std::vector<Table> leaderboard_tables(const ShownLeaderboard& all) {
  std::vector<Table> tables;
  for (const ShownBoard& board : all.boards) {
    const bool is_overall = !board.phases.empty();
    Table& table = tables.emplace_back();
    table.caption = caption_of(board);
    table.columns = {{"PLACE"}, {"STACK"}, {"LANGUAGE"}};
    if (!is_overall) table.columns.push_back({"VALUE", true});
    table.columns.push_back({"OF THE FIRST (95 %)", true});
    table.columns.push_back({is_overall ? "BLOCKS" : "TRIALS", true});
    table.columns.push_back({"NOTE"});
    for (const ShownBoardRow& row : board.rows) {
      std::vector<std::string> cells{place_text(row), name_of(row), row.language};
      if (!is_overall) cells.push_back(row.value ? format_value(*row.value, board.unit) : "–");
      cells.push_back(ratio_text(row));
      cells.push_back(fmt::format("{}", row.n));
      cells.push_back(row.why.empty() ? row.validity == "degraded" ? "degraded" : "" : reason_text(row.why));
      table.rows.push_back(std::move(cells));
    }
  }
  return tables;
}

std::string pool_text(const ShownPool& pool) {
  const auto counted = [](auto count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  const std::string of_schedule = pool.schedule.empty() ? "" : " of schedule " + pool.schedule;
  const std::string blocks = counted(pool.blocks, "block");
  const std::string rests = pool.nights.size() < 2 ? blocks
                                                   : fmt::format("{} nights{} ({}, from {} on)", pool.nights.size(),
                                                                 of_schedule, blocks, stamp(pool.nights.back()));
  if (pool.nights_lacking == 0) return fmt::format("Rests on {}.", rests);
  const std::string needs = pool.blocks_lacking > 0
                                ? counted(pool.blocks_needed, "block")
                                : counted(pool.nights_needed, "night") + ", so that it shows how much nights differ";
  std::string said = fmt::format("Rests on {}: too few for a decision, which needs {}.", rests, needs);
  if (pool.schedule.empty()) return said;
  return fmt::format("{} Decided after {}{}{}.", said, counted(pool.nights_lacking, "more night"), of_schedule,
                     pool.ready_at.empty() ? "" : ", about " + stamp(pool.ready_at));
}

std::vector<std::string> leaderboard_lines(const ShownLeaderboard& all) {
  std::vector<std::string> lines{fmt::format("Profile {}, up to {}.", all.profile, stamp(all.at))};
  if (all.pool) lines.push_back(pool_text(*all.pool));
  const bool has_ties = std::any_of(all.boards.begin(), all.boards.end(), [](const ShownBoard& board) {
    return std::any_of(board.rows.begin(), board.rows.end(),
                       [](const ShownBoardRow& row) { return row.best_place != row.worst_place; });
  });
  if (has_ties) lines.emplace_back("A range of places is a tie: the trials do not tell these stacks apart.");
  return lines;
}

}  // namespace dyno::cli
