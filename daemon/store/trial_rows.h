// Rows of trials: trial, startup, memory_reading. Statements only, no rules. May throw SQLite::Exception: called only inside
// the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/run.h"
#include "model/run_event.h"
#include "store/reader.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

struct TrialHead {
  std::int64_t trial_key = 0;
  model::TrialState state = model::TrialState::running;
  std::string case_name;
};

// A trial of this very run.
std::optional<TrialHead> find_trial(SQLite::Database& connection, std::int64_t run_key, const std::string& trial_id);
// Stores the trial as it is at its beginning. A trial that is already there keeps its key and nothing else.
void put_trial(SQLite::Database& connection, std::int64_t trial_key, std::int64_t run_key, WallTime at,
               const model::TrialStarted& event);
void replace_startup(SQLite::Database& connection, std::int64_t trial_key, const model::StartupMarks& marks);
void replace_memory(SQLite::Database& connection, std::int64_t trial_key, std::int64_t event_id,
                    const model::MemoryMeasured& event);
void update_finished(SQLite::Database& connection, std::int64_t trial_key, WallTime at,
                     const model::TrialFinished& event);
// Every trial of the run that is still under way.
void interrupt_trials(SQLite::Database& connection, std::int64_t run_key, WallTime at, const std::string& reason);

// In order of the plan.
std::vector<model::Trial> select_trials(SQLite::Database& connection, std::int64_t run_key,
                                        const TrialSelection& selection);
std::optional<model::Trial> select_trial(SQLite::Database& connection, const std::string& trial_id);
// The same trials without what they measured.
std::vector<results::TrialMetrics> select_ends(SQLite::Database& connection, std::int64_t run_key);

}  // namespace dyno::store
