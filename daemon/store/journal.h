// The journal of runs in the database: each event becomes one transaction that holds its row and everything it carries.
// Refuses a run state that may not follow the present one (`conflict`) and events of unknown runs and trials (`not_found`).
// Posts every stored event to the feed, in the order of the ids. Thread-safe.
#pragma once

#include "ports/run_journal.h"
#include "store/database.h"
#include "store/event_feed.h"

namespace dyno::store {

class Journal final : public ports::RunJournal {
 public:
  // Both must outlive the journal.
  Journal(Database& database, EventFeed& feed) : database_(database), feed_(feed) {}

  Result<std::int64_t> append(const std::string& run_id, WallTime at, const model::RunEvent& event) override;
  void publish(const model::LiveSample& sample) override;

 private:
  // Set once in the constructor.
  Database& database_;
  EventFeed& feed_;
};

}  // namespace dyno::store
