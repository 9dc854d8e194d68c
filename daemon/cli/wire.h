// The daemon's JSON as shown values and tables, and the bodies of requests. Unknown fields are ignored; a missing one that is needed
// is a failure that names it. Only its source knows the JSON library. Pure functions, thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/leaderboard.h"
#include "cli/outcome.h"
#include "cli/shown.h"
#include "cli/table.h"

namespace dyno::cli::wire {

// Two of the stacks that the run goes on with until they are told apart.
struct ComparisonWish {
  std::string a;
  std::string b;
  std::string within;                  // "15min"
  std::vector<std::string> metrics{};  // none: the daemon's choice
};
struct Wish {
  std::vector<std::string> stacks{};
  std::string profile{};
  int blocks = 0;      // 0: the profile's number
  std::string seed{};  // empty: let the daemon choose
  std::string note{};
  std::optional<ComparisonWish> compare{};
};
std::string new_run(const Wish& wish);
struct BaselineWish {
  std::string ref;
  std::string profile;  // empty: any
  std::string schedule;
  std::string stack;
};
std::string new_baseline(const BaselineWish& wish);
// One change of a run each.
std::string run_note(const std::string& note);
std::string run_tags(const std::vector<std::string>& tags);
std::string run_excluded(const std::string& why);

Outcome<ShownRun> read_run(std::string_view body);
Outcome<std::vector<ShownRun>> read_runs(std::string_view body);
// Run → when it is expected to end, of those for which that is known.
Outcome<std::map<std::string, std::string>> read_expected_ends(std::string_view body);
std::string next_cursor(std::string_view body);  // of a list; empty: it was the last page
Outcome<std::vector<ShownSummary>> read_summaries(std::string_view body);
Outcome<std::vector<ShownGap>> read_gaps(std::string_view body);  // of the same answer
Outcome<std::vector<ShownObjective>> read_objectives(std::string_view body);
Outcome<std::vector<ShownAbsence>> read_absences(std::string_view body);
Outcome<std::vector<ShownBuild>> read_builds(std::string_view body);
Outcome<std::vector<ShownTrial>> read_trials(std::string_view body);
Outcome<std::string> read_last_output(std::string_view body);  // of one trial
Outcome<std::vector<ShownFact>> read_facts(std::string_view body);
Outcome<ShownEvent> read_event(std::string_view name, std::string_view data);

// The first side b, then the further ones, each with the same side a.
Outcome<std::vector<ShownComparison>> read_comparisons(std::string_view body);
Outcome<ShownComparison> read_comparison(std::string_view body);
Outcome<ShownLeaderboard> read_leaderboard(std::string_view body);
Outcome<std::vector<ShownSeries>> read_series(std::string_view body);
Outcome<ShownLine> read_line(std::string_view body);

// Of the items of a list, or the last 8 characters of their ids.
Outcome<std::vector<std::string>> read_names(std::string_view body);

// Lists, row by row.
Outcome<Table> stack_table(std::string_view body);
Outcome<Table> profile_table(std::string_view body);
Outcome<Table> schedule_table(std::string_view body);
Outcome<Table> due_table(std::string_view body);
Outcome<Table> fire_table(std::string_view body);
Outcome<Table> baseline_table(std::string_view body);
Outcome<std::string> read_upload(std::string_view body);
Outcome<std::string> read_name(std::string_view body);      // its id
Outcome<std::string> read_contract(std::string_view body);  // of a stack
struct ShownPruned {
  Table table;
  std::string words;  // the sums
  bool more = false;
};
Outcome<ShownPruned> read_pruned(std::string_view body);
struct ShownBackup {
  std::string name;
  std::string sha256;
};
Outcome<ShownBackup> read_backup(std::string_view body);
// Name and value of every member of one object, nested names joined by dots.
Outcome<Table> member_table(std::string_view body);
// The unusable files that a list names, one per line; empty: none.
std::string file_problems(std::string_view body);

// A problem in sentences: the one fault, or the detail and every fault, each with its place.
std::string problem_text(std::string_view body, int status);
// One line per item of a list, or one line in all.
std::string as_ndjson(std::string_view body);
std::string one_line(std::string_view body);
std::string pretty(std::string_view body);

}  // namespace dyno::cli::wire
