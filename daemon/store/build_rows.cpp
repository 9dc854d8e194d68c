#include "store/build_rows.h"

#include <utility>

#include "model/run_event.h"
#include "store/payload_rows.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kPutBuild = R"sql(
  INSERT INTO build (run_key, owner, name, event_id, state, step, lines, log_bytes, duration_ns)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run_key, owner, name) DO UPDATE SET
    event_id = excluded.event_id, state = excluded.state, step = excluded.step, lines = excluded.lines,
    log_bytes = excluded.log_bytes, duration_ns = excluded.duration_ns
)sql";
constexpr auto kSelectBuilds =
    "SELECT owner, name, state, step, lines, log_bytes, duration_ns FROM build WHERE run_key = ? ORDER BY event_id";
constexpr auto kSelectLogEvent =
    "SELECT event_id FROM build WHERE run_key = ? AND name = ? ORDER BY owner DESC LIMIT 1";

}  // namespace

void put_build(SQLite::Database& connection, std::int64_t run_key, std::int64_t event_id, const model::Build& build) {
  Query(connection, kPutBuild, run_key, build.owner, build.name, event_id, build.state, build.step, build.lines,
        build.bytes, build.duration)
      .run();
}

std::vector<model::Build> select_builds(SQLite::Database& connection, std::int64_t run_key) {
  std::vector<model::Build> builds;
  Query q(connection, kSelectBuilds, run_key);
  while (q.next()) {
    model::Build& build = builds.emplace_back();
    build.owner = q.word<model::ImageOwner>();
    build.name = q.text();
    build.state = q.word<model::BuildState>();
    build.step = q.text();
    build.lines = q.integer();
    build.bytes = q.integer();
    build.duration = q.maybe_nanos();
  }
  return builds;
}

Result<std::optional<model::BuildLog>> select_build_log(SQLite::Database& connection, std::int64_t run_key,
                                                        const std::string& name) {
  Query q(connection, kSelectLogEvent, run_key, name);
  if (!q.next()) return std::nullopt;
  Result<ToldEvent> told = select_told(connection, q.integer());
  if (!told) return fail(told.error());
  auto* const logged = told->event ? std::get_if<model::BuildLogged>(&*told->event) : nullptr;
  if (logged == nullptr) return fail(ErrorCode::internal, "the event of the build holds no log");
  return std::move(logged->log);
}

}  // namespace dyno::store
