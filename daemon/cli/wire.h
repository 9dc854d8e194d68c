// The daemon's JSON to what is shown, and the bodies of requests. Unknown fields are passed over; a missing one that is needed
// is a failure that names it. The only file beside its source's that knows the JSON library. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/outcome.h"
#include "cli/shown.h"
#include "cli/table.h"

namespace dyno::cli::wire {

struct Wish {
  std::vector<std::string> stacks;
  std::string profile;
  int blocks = 0;    // 0: as many as the profile says
  std::string seed;  // empty: let the daemon choose
  std::string note;
};
std::string new_run(const Wish& wish);

Outcome<ShownRun> read_run(std::string_view body);
Outcome<std::vector<ShownRun>> read_runs(std::string_view body);
Outcome<std::vector<ShownSummary>> read_summaries(std::string_view body);
Outcome<std::vector<ShownGap>> read_gaps(std::string_view body);  // of the same answer
Outcome<std::vector<ShownTrial>> read_trials(std::string_view body);
Outcome<std::vector<ShownFact>> read_facts(std::string_view body);
Outcome<ShownEvent> read_event(std::string_view name, std::string_view data);

// Lists whose rows are shown as they come.
Outcome<Table> stack_table(std::string_view body);
Outcome<Table> profile_table(std::string_view body);
Outcome<Table> schedule_table(std::string_view body);
Outcome<Table> due_table(std::string_view body);
// Name and value of every member of one object, nested names joined by dots.
Outcome<Table> member_table(std::string_view body);
// The unusable files that a list names, one a line; empty: none.
std::string file_problems(std::string_view body);

// The sentences of a problem: its detail and every fault with its place.
std::string problem_text(std::string_view body, int status);
// One line for each item of a list, or one for the whole.
std::string as_ndjson(std::string_view body);
std::string pretty(std::string_view body);

}  // namespace dyno::cli::wire
