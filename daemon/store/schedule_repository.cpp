#include "store/schedule_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kSelectAll = "SELECT name, text FROM schedule ORDER BY name";
constexpr auto kSelectText = "SELECT text FROM schedule WHERE name = ?";
constexpr auto kInsert =
    "INSERT INTO schedule (name, text, created_at_ns, changed_at_ns) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING";
constexpr auto kUpdate = "UPDATE schedule SET text = ?, changed_at_ns = ? WHERE name = ?";
constexpr auto kDelete = "DELETE FROM schedule WHERE name = ?";

// A clock that was ahead does not make a schedule young.
constexpr auto kKeep = R"sql(
  INSERT INTO schedule_state (schedule, known_since_ns) VALUES (?, ?)
  ON CONFLICT (schedule) DO UPDATE SET known_since_ns = min(known_since_ns, excluded.known_since_ns)
)sql";
constexpr auto kSelectKept = "SELECT schedule, known_since_ns, paused_at_ns FROM schedule_state ORDER BY schedule";
constexpr auto kForget = "DELETE FROM schedule_state WHERE schedule = ?";
constexpr auto kPause = "UPDATE schedule_state SET paused_at_ns = ? WHERE schedule = ?";

Status expect_text(SQLite::Database& connection, const std::string& name, const std::string& before) {
  Query q(connection, kSelectText, name);
  if (!q.next()) return fail(ErrorCode::not_found, fmt::format("there is no stored schedule \"{}\"", name));
  if (q.text() != before)
    return fail(ErrorCode::conflict, fmt::format("the schedule \"{}\" has been changed since", name));
  return {};
}

}  // namespace

Result<std::vector<StoredSchedule>> ScheduleRepository::all() const {
  std::vector<StoredSchedule> schedules;
  const Status read = database_.read("reading schedules", [&](SQLite::Database& connection) -> Status {
    for (Query q(connection, kSelectAll); q.next();) {
      StoredSchedule& schedule = schedules.emplace_back();
      schedule.name = q.text();
      schedule.text = q.text();
    }
    return {};
  });
  if (!read) return fail(read.error());
  return schedules;
}

Status ScheduleRepository::add(const StoredSchedule& schedule, WallTime now) {
  return database_.write("storing a schedule", [&](SQLite::Database& connection) -> Status {
    if (Query(connection, kInsert, schedule.name, schedule.text, now, now).run() == 1) return {};
    return fail(ErrorCode::conflict, fmt::format("there is a schedule \"{}\" already", schedule.name));
  });
}

Status ScheduleRepository::change(const StoredSchedule& schedule, const std::string& before, WallTime now) {
  return database_.write("changing a schedule", [&](SQLite::Database& connection) -> Status {
    if (Status same = expect_text(connection, schedule.name, before); !same) return same;
    Query(connection, kUpdate, schedule.text, now, schedule.name).run();
    return {};
  });
}

Status ScheduleRepository::remove(const std::string& name, const std::string& before) {
  return database_.write("removing a schedule", [&](SQLite::Database& connection) -> Status {
    if (Status same = expect_text(connection, name, before); !same) return same;
    Query(connection, kDelete, name).run();
    return {};
  });
}

Result<std::map<std::string, KnownSchedule>> ScheduleRepository::keep(const std::vector<std::string>& names,
                                                                      WallTime now) {
  std::map<std::string, KnownSchedule> before;
  const Status read = database_.read("reading what is known of schedules", [&](SQLite::Database& c) -> Status {
    for (Query q(c, kSelectKept); q.next();) {
      KnownSchedule& schedule = before[q.text()];
      schedule.since = q.wall();
      schedule.paused_at = q.maybe_wall();
    }
    return {};
  });
  if (!read) return fail(read.error());
  std::map<std::string, KnownSchedule> known;
  for (const std::string& name : names) {
    const auto found = before.find(name);
    KnownSchedule& schedule = known[name] = found == before.end() ? KnownSchedule{now, {}} : found->second;
    schedule.since = std::min(schedule.since, now);
  }
  if (known == before) return known;
  const Status kept = database_.write("keeping what is known of schedules", [&](SQLite::Database& c) -> Status {
    for (const auto& [name, schedule] : known) Query(c, kKeep, name, schedule.since).run();
    for (const auto& [name, schedule] : before) {
      if (!known.contains(name)) Query(c, kForget, name).run();
    }
    return {};
  });
  if (!kept && kept.error().code != ErrorCode::storage) return fail(kept.error());
  return known;
}

Status ScheduleRepository::pause(const std::string& name, std::optional<WallTime> at) {
  return database_.write("pausing a schedule", [&](SQLite::Database& connection) -> Status {
    if (Query(connection, kPause, at, name).run() == 1) return {};
    return fail(ErrorCode::not_found, fmt::format("there is no schedule \"{}\"", name));
  });
}

}  // namespace dyno::store
