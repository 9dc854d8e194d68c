// What /readyz tells: whether the daemon can do its work, and what keeps it from that. It never waits for the engine. Thread-safe.
#pragma once

#include <atomic>
#include <vector>

#include "api/api_context.h"
#include "app/engine_watch.h"
#include "app/file_check.h"
#include "app/room.h"
#include "app/schedules.h"
#include "run/run_service.h"
#include "store/database.h"

namespace dyno::app {

class Health {
 public:
  // All must outlive it.
  Health(store::Database& database, EngineWatch& engine, const Schedules& schedules, const run::RunService& queue,
         const Room& room, Clock& clock)
      : database_(database),
        engine_(engine),
        schedules_(schedules),
        queue_(queue),
        room_(room),
        file_check_(database, clock) {}

  // Until then the daemon lives, but takes no work.
  void started() {
    static_cast<void>(engine_.check());  // known by the time somebody asks
    is_started_ = true;
  }
  bool is_started() const { return is_started_; }
  std::vector<api::HealthCheck> checks() const;

 private:
  // Set once in the constructor.
  store::Database& database_;
  EngineWatch& engine_;
  const Schedules& schedules_;
  const run::RunService& queue_;
  const Room& room_;

  FileCheck file_check_;

  std::atomic<bool> is_started_ = false;
};

}  // namespace dyno::app
