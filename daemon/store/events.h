// What an event does to the database: its row, its payload with the attachments, and the rows that follow from it. The same
// code runs when an event is told and when the tables are rebuilt from what was told, so both give the same rows. May throw
// SQLite::Exception: called only inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "model/run_event.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

struct Payload;

// Stores the event and all that follows from it, and completes `row` (flat_row) for those who watch. RunQueued makes the run; for any
// other event the run must be there. conflict: a run state that may not follow, a trial that has ended; not_found: an unknown
// run, trial or stack.
Status append_event(SQLite::Database& connection, const model::RunEvent& event, const Payload& payload,
                    model::EventRow& row);

// Writes all rows of the run again from its events. Returns false and changes nothing when its first event has no payload, which is
// so for runs stored before payloads were kept.
Result<bool> replay_run(SQLite::Database& connection, std::int64_t run_key, const std::string& run_id);

}  // namespace dyno::store
