// All cases in order, with the places that each may have, as tables, and the sentences about what that rests on. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/shown.h"
#include "cli/table.h"

namespace dyno::cli {

struct ShownBoardRow {
  std::string case_name;
  std::string title;
  std::string language;
  std::string mode;
  std::string standing;
  std::string why{};
  int best_place = 0;  // 0: none
  int worst_place = 0;
  int group = 0;
  std::optional<double> value{};  // none: of several workloads
  std::optional<ShownInterval> spread{};
  int n = 0;
  int nights = 1;
  std::optional<double> ratio{};
  std::optional<ShownInterval> ratio_ci95{};
  std::string validity{};
};

struct ShownBoard {
  std::string phase{};                // empty: of the trial, or several workloads
  std::vector<std::string> phases{};  // of several workloads
  std::string title;
  std::string unit;
  std::vector<ShownBoardRow> rows{};
};

struct ShownLeaderboard {
  std::string profile;
  std::string at;
  std::optional<ShownPool> pool{};
  std::vector<ShownBoard> boards{};  // those of several workloads last
};

std::vector<Table> leaderboard_tables(const ShownLeaderboard& all);
std::vector<std::string> leaderboard_lines(const ShownLeaderboard& all);
// "Rests on 4 nights of schedule nightly (20 blocks, from 27 Nov 2026, 03:00 on)."; "Rests on 5 blocks: too few for a decision, which needs 10 blocks.
// Decided after 2 more nights of schedule nightly, about 1 Dec 2026, 03:00." In the words of the page (tests/data/wording.json).
std::string pool_text(const ShownPool& pool);

}  // namespace dyno::cli
