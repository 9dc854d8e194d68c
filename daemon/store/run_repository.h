// Runs before and between their executions: queuing (by hand, or by a schedule's fire), repeated requests, start-up after a
// crash. What happens within a run goes through the journal. Every call is one transaction, durable when it returns.
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/fire.h"
#include "model/job.h"
#include "model/resume.h"
#include "model/schedule.h"
#include "store/database.h"
#include "store/event_feed.h"

namespace dyno::store {

// An Idempotency-Key as it came with a request; kept for 24 hours.
struct RequestKey {
  std::string key;
  std::string body_hash;
};

struct Enqueued {
  std::string run_id;
  bool repeated = false;  // the key was known: an earlier request has made this run
};

// What the last life of the daemon left behind; each oldest first, if nothing else is said.
struct Unfinished {
  std::vector<std::string> interrupted;  // had begun, and do not go on: now `interrupted`, their open trials too
  std::vector<std::string> resumed;      // had begun, and go on: now `queued`, to be executed before all others
  std::vector<std::string> placed;       // never began, and have a place: to be queued again in the order of that
  std::vector<std::string> queued;       // never began: to be queued again behind those
  std::vector<std::string> cancelled;    // had begun, and somebody had cancelled them: now `cancelled`
};

// What decides whether a run that was cut off goes on.
struct Restart {
  model::ResumeRule rule{};
  std::string boot_id{};  // of the machine, since it was last started
};

class RunRepository {
 public:
  // Both must outlive the repository.
  RunRepository(Database& database, EventFeed& feed) : database_(database), feed_(feed) {}

  // Stores a queued run and its job; the id in the job is ignored. With a key: the same key and body give the same run again, another
  // body is `invalid_argument`.
  Result<Enqueued> enqueue(const model::Job& job, WallTime now, const std::optional<RequestKey>& key = std::nullopt);

  // The run that a request with this key has made, if any; another body than that one's is `invalid_argument`.
  Result<std::optional<std::string>> earlier(const RequestKey& key, WallTime now) const;

  // Stores the fire of a due time and its queued run, both or neither; the run's id. `conflict` when this due time has
  // been settled before, or when the overlap policy forbids it now (then the skip is recorded): nothing more to be done.
  // `made_up`: one of several missed due times that are made up for, one behind the other.
  Result<std::string> fire(const model::Schedule& schedule, WallTime nominal_at, const model::Job& job, WallTime now,
                           bool made_up = false);
  // Words where the overlap policy forbids another run of the schedule now; empty: it does not.
  Result<std::string> why_overlapping(const model::Schedule& schedule) const;
  // Records a due time that starts nothing, or nothing yet (queue_full, disk_low). `conflict` when it has been settled before.
  Status skip(const model::Fire& fire);

  // Keeps that somebody cancelled a run that is under way: it does not go on, whatever becomes of the daemon. No harm after its end.
  Status ask_cancel(const std::string& run_id, WallTime now);

  // Keeps the order of the queue as somebody has made it.
  Status keep_order(const std::vector<std::string>& run_ids);

  // Says something else of a run. `before`: what the caller knows; `conflict` where that is no longer so. not_found: there is no such run.
  Status mark(const std::string& run_id, const model::MarkChange& change,
              const std::optional<model::Marks>& before = std::nullopt);

  // At boot, before work is accepted. Remembers the boot id for the next time.
  Result<Unfinished> settle_unfinished(WallTime now, const Restart& restart = {});

 private:
  // Set once in the constructor.
  Database& database_;
  EventFeed& feed_;
};

}  // namespace dyno::store
