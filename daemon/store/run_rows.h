// Rows of runs: run, run_stack, environment_fact, run_warning. Statements only, no rules. May throw SQLite::Exception: called
// only inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/run.h"
#include "model/run_event.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

struct RunFilter;
class Query;

// What a statement needs to know of a run before it adds to it.
struct RunHead {
  std::int64_t run_key = 0;
  model::RunState state = model::RunState::queued;
};

std::optional<RunHead> find_run(SQLite::Database& connection, const std::string& run_id);
// Stores the run as it is at its beginning and returns its key. A run that is already there keeps its key and nothing else.
std::int64_t put_run(SQLite::Database& connection, const std::string& run_id, WallTime at,
                     const model::RunQueued& event);
void insert_stacks(SQLite::Database& connection, std::int64_t run_key, const std::vector<model::RunStack>& stacks);
void update_state(SQLite::Database& connection, std::int64_t run_key, WallTime at, const model::RunStateChanged& event);
void queue_again(SQLite::Database& connection, std::int64_t run_key, const std::string& reason);
void clear_stalled(SQLite::Database& connection, std::int64_t run_key);  // a trial of it finished
void replace_environment(SQLite::Database& connection, std::int64_t run_key, const model::EnvironmentRecorded& event);
void update_plan(SQLite::Database& connection, std::int64_t run_key, const model::PlanMade& event);
void add_measured(SQLite::Database& connection, std::int64_t run_key, Nanos measured);
// False when the run has no such stack.
bool update_stack(SQLite::Database& connection, std::int64_t run_key, const model::RunStack& stack);

// How long the last whole run of the same profile, blocks and stacks took; nothing: there is none.
std::optional<Nanos> select_duration(SQLite::Database& connection, const model::Run& run);

std::optional<model::LastImage> select_last_image(SQLite::Database& connection, const std::string& stack);

// Newest first, without the facts of the environment.
std::vector<model::Run> select_runs(SQLite::Database& connection, const RunFilter& filter);
// With the facts.
std::optional<model::Run> select_run(SQLite::Database& connection, const std::string& run_id);

}  // namespace dyno::store
