// What several nights found in the same cells, taken together: which runs belong together, and their readings as one summary each. Reads alone;
// what is stored is written by store/summary_rows. May throw SQLite::Exception: called only inside the work given to Database. One thread at a time.
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

// A run that is stored, as one that others are pooled with.
PastRun past_run_of(SQLite::Database& connection, std::int64_t run_key);

// The run and the nights of its schedule before it that measured the same way: the same profile, with the same contents, in the same environment.
// Newest first, as many as make thirty blocks, none older than sixty days before it; the run alone where no schedule asked for it.
std::vector<PastRun> select_pool(SQLite::Database& connection, const PastRun& run);

// The cells of the first of these runs, each with its readings of all of them in which the stack was the same: its class, its contents and its image.
// One run: its cells as they are. In the order of the series' keys.
Result<std::vector<model::CellSummary>> select_pooled(SQLite::Database& connection, const std::vector<PastRun>& runs,
                                                      const CellFilter& filter);

// Of each cell of a profile and environment the newest run in which a trial was valid, and the cells of each such run pooled; newest run first.
Result<std::vector<NewestCells>> select_newest(SQLite::Database& connection, const NewestFilter& filter);

}  // namespace dyno::store
