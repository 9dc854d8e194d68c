// Rows of due times that were settled: fire. Statements only, no rules. May throw SQLite::Exception: called only inside the
// work given to Database. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/fire.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

// False when this due time is on record already.
bool insert_fire(SQLite::Database& connection, const model::Fire& fire);
// Runs of the schedule that have not ended: those under way, and those that wait in the queue.
struct OpenRuns {
  int under_way = 0;
  int queued = 0;
};
OpenRuns count_open_runs(SQLite::Database& connection, const std::string& schedule);

// Newest first.
std::vector<model::Fire> select_fires(SQLite::Database& connection, const std::string& schedule, int limit);
std::optional<WallTime> select_last_nominal(SQLite::Database& connection, const std::string& schedule);

}  // namespace dyno::store
