// Writes a log line for every event that was stored, then hands it on: events are the one source of log, database and stream.
// Thread-safe.
#pragma once

#include "ports/run_journal.h"

namespace dyno::app {

class LoggingJournal final : public ports::RunJournal {
 public:
  explicit LoggingJournal(ports::RunJournal& inner) : inner_(inner) {}
  Result<std::int64_t> append(const std::string& run_id, WallTime at, const model::RunEvent& event) override;
  void publish(const model::LiveSample& sample) override { inner_.publish(sample); }

 private:
  ports::RunJournal& inner_;
};

}  // namespace dyno::app
