#include "app/file_check.h"

#include <spdlog/spdlog.h>

namespace dyno::app {
namespace {

constexpr Nanos kPause = std::chrono::minutes(1);

// Anything else passes.
bool is_damaged(const Status& found) { return !found && found.error().code == ErrorCode::io; }

}  // namespace

FileCheck::FileCheck(const store::Database& database, Clock& clock) : database_(database), clock_(clock) {
  if (database.was_checked()) found_ = database.damage();
  else thread_ = std::jthread([this](std::stop_token stop) { work(stop); });
}

api::HealthCheck FileCheck::check() const {
  const std::lock_guard lock(mutex_);
  if (!found_) return {"database file", true, "being checked; it is too large for that to be waited for"};
  if (!*found_) return {"database file", false, found_->error().message};
  return {"database file", true, "checked, no damage found"};
}

void FileCheck::work(const std::stop_token& stop) {
  Status found = database_.check_file(stop);
  while (!found && !is_damaged(found) && wait_for(clock_, kPause, stop) == WaitOutcome::reached)
    found = database_.check_file(stop);
  if (stop.stop_requested()) return;
  if (!found) spdlog::error("{}: stop the daemon and restore a copy", found.error().message);
  else spdlog::info("the database was checked, no damage found");
  const std::lock_guard lock(mutex_);
  found_ = std::move(found);
}

}  // namespace dyno::app
