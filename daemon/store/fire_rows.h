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

// False when this due time is settled already. What met a full queue is not, nor is a skip from later than now: the clock was ahead
// when it was recorded, and the due time has not come before.
bool insert_fire(SQLite::Database& connection, const model::Fire& fire);
// Runs of the schedule that have not ended: those under way, cut off ones among them, and those that have not begun.
struct OpenRuns {
  int under_way = 0;
  int queued = 0;
};
OpenRuns count_open_runs(SQLite::Database& connection, const std::string& schedule);
std::vector<std::string> select_open_runs(SQLite::Database& connection, const std::string& schedule);  // newest first

// Newest first.
std::vector<model::Fire> select_fires(SQLite::Database& connection, const std::string& schedule, int limit);
model::FiresOnRecord select_fires_on_record(SQLite::Database& connection, const std::string& schedule, WallTime now);
// When a run of it with results ended last; before the first one, since when it is on record.
std::optional<WallTime> select_last_completed(SQLite::Database& connection, const std::string& schedule);

}  // namespace dyno::store
