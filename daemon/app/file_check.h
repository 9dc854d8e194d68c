// Checks a database that is too large to be checked while the daemon starts, once, in a thread of its own; what came of it is told to /readyz.
// Where it cannot be checked yet, for want of room on the disk for instance, that is tried again. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "api/api_context.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"

namespace dyno::app {

class FileCheck {
 public:
  // Both must outlive it. Begins at once; a database that was checked when it was opened is not checked again. Destruction ends it.
  FileCheck(const store::Database& database, Clock& clock);

  api::HealthCheck check() const;

 private:
  void work(const std::stop_token& stop);

  // Set once in the constructor.
  const store::Database& database_;
  Clock& clock_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::optional<Status> found_;  // none: it goes on

  std::jthread thread_;
};

}  // namespace dyno::app
