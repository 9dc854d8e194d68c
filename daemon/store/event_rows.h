// Rows of events: event, event_progress. Statements and the flat form of an event, no rules. The statements may throw
// SQLite::Exception: called only inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/run_event.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

// The parts of the row that follow from the event alone: no id, and the case only where the event names it. Pure.
model::EventRow flat_row(const std::string& run_id, WallTime at, const model::RunEvent& event);

// The new row's id.
std::int64_t insert_event(SQLite::Database& connection, std::int64_t run_key, std::optional<std::int64_t> trial_key,
                          const model::EventRow& row);
void insert_progress(SQLite::Database& connection, std::int64_t event_id, const model::Progress& progress);
std::vector<model::EventRow> select_events(SQLite::Database& connection, std::int64_t since, const std::string& run_id,
                                           int limit);
std::optional<model::Progress> select_progress(SQLite::Database& connection, std::int64_t run_key);
std::int64_t select_last_event(SQLite::Database& connection);
std::int64_t select_before_last(SQLite::Database& connection, const std::string& run_id, int count);

}  // namespace dyno::store
