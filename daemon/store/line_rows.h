// What lines of years are drawn from: series, and the points that runs left in their cells (written by store/summary_rows). Reads alone. May throw
// SQLite::Exception: called only inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "model/history.h"
#include "store/reader.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

std::vector<model::Series> select_series(SQLite::Database& connection, const SeriesFilter& filter);
// not_found: there is no such series.
Result<model::History> select_history(SQLite::Database& connection, std::int64_t series_id, const LineFilter& filter);

}  // namespace dyno::store
