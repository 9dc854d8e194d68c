#include "app/health.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include "base/quantity.h"

namespace dyno::app {
namespace {

constexpr std::int64_t kDiskFloorBytes = 1'073'741'824;

api::HealthCheck check_of(const char* name, const Status& status, const std::string& good) {
  return {name, status.has_value(), status ? good : status.error().message};
}

api::HealthCheck check_disk(const std::string& folder) {
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0)
    return {"disk", false, fmt::format("the free space of {} cannot be read", folder)};
  const auto free = Bytes{static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize)};
  return {"disk", free.value >= kDiskFloorBytes, fmt::format("{} free", format_bytes(free))};
}

api::HealthCheck check_queue(const run::RunService& queue) {
  if (const auto hold = queue.hold()) return {"queue", false, "held: " + run::describe(*hold)};
  if (!queue.is_tended()) return {"queue", false, "the engine has not been looked at yet"};
  return {"queue", true, "open"};
}

}  // namespace

std::vector<api::HealthCheck> Health::checks() const {
  // What it does at its start may hold the database up: nobody waits for that.
  if (!is_started_) return {{"boot", false, "starting"}};
  std::vector<api::HealthCheck> checks;
  checks.push_back(check_of("database", database_.check_writable(), "writable"));
  checks.push_back(file_check_.check());
  checks.push_back(engine_.check());
  checks.push_back(check_queue(queue_));
  checks.push_back(check_disk(data_dir_));
  for (const auto& [name, problem] : schedules_.problems()) checks.push_back({"schedule " + name, false, problem});
  for (const auto& [name, notice] : schedules_.notices()) checks.push_back({"clock of schedule " + name, true, notice});
  return checks;
}

}  // namespace dyno::app
