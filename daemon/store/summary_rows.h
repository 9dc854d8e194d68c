// Rows of what is known across runs: series, cell, treatment, summary, point. Written when a run ends, from its readings, by the rules of
// results/summarise; may be written again at any time. May throw SQLite::Exception: called only inside the work given to Database. One thread at
// a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/history.h"
#include "store/reader.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

// Replaces what is there. The run must have ended.
void write_summaries(SQLite::Database& connection, std::int64_t run_key);
// All but series, cells and treatments, which keep their keys.
void forget_summaries(SQLite::Database& connection, std::int64_t run_key);

// Of the runs that were summarised and have a result, newest first.
std::vector<PastRun> select_past_runs(SQLite::Database& connection, const PastFilter& filter);
// In the order of the series' keys: cases, phases and metrics as the runs first had them.
Result<std::vector<model::CellSummary>> select_cells(SQLite::Database& connection, std::int64_t run_key,
                                                     const CellFilter& filter);
// For each cell of the run, what these runs found in it: one reading for each run, its summary's value.
std::vector<model::CellSummary> select_values(SQLite::Database& connection, std::int64_t run_key,
                                              const std::vector<PastRun>& runs, const CellFilter& filter);

// The readings of a summary, packed: a byte for the version (1), then for each reading its block (two bytes), validity | bound · 4 (a byte)
// and its value (eight bytes), least significant byte first.
std::string pack_readings(const std::vector<model::TrialValue>& readings);
// Adds them to `readings`, as of that night. An error where the bytes are of another form.
Status unpack_readings(std::string_view bytes, std::int64_t night, std::vector<model::TrialValue>& readings);

}  // namespace dyno::store
