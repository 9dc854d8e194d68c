// Rows of what was said: job, event_payload, attachment. Statements only, no rules. May throw SQLite::Exception: called only
// inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/job.h"
#include "model/run_event.h"
#include "record/record.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

// A job as it is stored: the same work has the same hash. Made before the transaction, because compressing takes longer than
// writing, and the writer waits for nobody.
struct StoredJob {
  std::string hash;    // "sha256:…" of the JSON
  std::string packed;  // the JSON, deflated
};
Result<StoredJob> stored_job(const model::Job& job);
void insert_job(SQLite::Database& connection, const StoredJob& job);  // there already: nothing changes
// The job of a run with its request and id; nothing for a run stored before jobs were kept.
Result<std::optional<model::Job>> select_job(SQLite::Database& connection, std::int64_t run_key);
// Two stacks of the run that it goes on for until they are told apart; nothing: none, or an older stackdyno stored it.
Result<std::optional<model::RunComparison>> select_comparison(SQLite::Database& connection, std::int64_t run_key);

// Everything an event said, as it is stored. Also made before the transaction.
struct Payload {
  std::string packed;  // the JSON, deflated
  std::vector<record::Attachment> attachments;
};
Result<Payload> payload_of(const model::RunEvent& event);
void insert_payload(SQLite::Database& connection, std::int64_t event_id, const Payload& payload);

// An event of a run; without the event itself where it was stored before payloads were kept.
struct ToldEvent {
  WallTime at;
  std::optional<model::RunEvent> event;
};
// The events of a run, one after the other.
std::vector<std::int64_t> select_event_ids(SQLite::Database& connection, std::int64_t run_key);
Result<ToldEvent> select_told(SQLite::Database& connection, std::int64_t event_id);

// The bytes of an attachment; empty where the event has none of that name.
std::string select_attachment(SQLite::Database& connection, std::int64_t event_id, std::string_view pointer);

}  // namespace dyno::store
