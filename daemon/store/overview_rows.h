// Rows of what a list says of a run's results: written with its summaries, and again where another run before it counts. May throw
// SQLite::Exception: called only inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/run_overview.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

// Replaces what is there. The run must have its summaries.
Status write_overview(SQLite::Database& connection, std::int64_t run_key);
// Of the runs whose row tells of this one, or has to from now on, because it counts or does not.
Status rewrite_overviews_after(SQLite::Database& connection, std::int64_t run_key);
// By the run's id, of the runs that there are.
std::map<std::string, model::RunOverview> select_overviews(SQLite::Database& connection,
                                                           const std::vector<std::string>& run_ids);
// Of the newest runs with summaries, so many, those without a row.
std::vector<std::int64_t> select_without_overview(SQLite::Database& connection, int newest);

}  // namespace dyno::store
