#include "app/health.h"

#include <fmt/format.h>

#include "base/quantity.h"

namespace dyno::app {
namespace {

api::HealthCheck check_of(const char* name, const Status& status, const std::string& good) {
  return {name, status.has_value(), status ? good : status.error().message};
}

api::HealthCheck check_disk(const Room& room) {
  if (const auto low = room.trouble()) return {"disk", false, low->text};
  const auto free = room.free();
  if (!free) return {"disk", false, "the free space of the data directory cannot be read"};
  return {"disk", true, fmt::format("{} free", format_bytes(*free))};
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
  checks.push_back(check_disk(room_));
  for (const auto& [name, problem] : schedules_.problems()) checks.push_back({"schedule " + name, false, problem});
  for (const auto& [name, notice] : schedules_.notices()) checks.push_back({"clock of schedule " + name, true, notice});
  return checks;
}

}  // namespace dyno::app
