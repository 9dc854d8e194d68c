#include "store/fire_rows.h"

#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kInsertFire = R"sql(
  INSERT INTO fire (schedule, nominal_at_ns, recorded_at_ns, run_id, skipped, reason, folded) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (schedule, nominal_at_ns) DO UPDATE SET
    recorded_at_ns = excluded.recorded_at_ns, run_id = excluded.run_id, skipped = excluded.skipped, reason = excluded.reason,
    folded = excluded.folded
  WHERE fire.skipped IN ('queue_full', 'disk_low') OR (fire.skipped IS NOT NULL AND fire.recorded_at_ns > excluded.recorded_at_ns)
)sql";

constexpr auto kCountOpenRuns = R"sql(
  SELECT count(*) FILTER (WHERE state <> 'queued' OR resumed > 0), count(*) FILTER (WHERE state = 'queued' AND resumed = 0)
  FROM run WHERE schedule = ? AND finished_at_ns IS NULL
)sql";

constexpr auto kSelectOpenRuns =
    "SELECT id FROM run WHERE schedule = ? AND finished_at_ns IS NULL ORDER BY created_at_ns DESC, id DESC";

constexpr auto kSelectFires = R"sql(
  SELECT fire.schedule, fire.nominal_at_ns, recorded_at_ns, run_id, run.state, fire.skipped, fire.reason, folded
  FROM fire LEFT JOIN run ON run.id = run_id WHERE fire.schedule = ? ORDER BY fire.nominal_at_ns DESC LIMIT ?
)sql";

// A skip from later than now says nothing: insert_fire takes it back.
constexpr auto kSelectOnRecord = R"sql(
  SELECT max(nominal_at_ns) FILTER (WHERE nominal_at_ns <= ?1 AND (run_id IS NOT NULL OR recorded_at_ns <= ?1)),
         max(nominal_at_ns) FILTER (WHERE nominal_at_ns > ?1)
  FROM fire WHERE schedule = ?2
)sql";

constexpr auto kSelectSkipped = "SELECT skipped FROM fire WHERE schedule = ? AND nominal_at_ns = ?";

// Where no run has completed, it was due when its first due time was recorded.
constexpr auto kSelectLastCompleted = R"sql(
  SELECT coalesce((SELECT max(finished_at_ns) FROM run WHERE schedule = ?1 AND state IN ('succeeded', 'partly')),
                  (SELECT min(recorded_at_ns) FROM fire WHERE schedule = ?1))
)sql";

}  // namespace

bool insert_fire(SQLite::Database& connection, const model::Fire& f) {
  const std::optional<std::string> run_id = f.run_id.empty() ? std::nullopt : std::optional(f.run_id);
  return Query(connection, kInsertFire, f.schedule, f.nominal_at, f.recorded_at, run_id, f.skipped, f.reason, f.folded)
             .run() == 1;
}

OpenRuns count_open_runs(SQLite::Database& connection, const std::string& schedule) {
  Query q(connection, kCountOpenRuns, schedule);
  q.next();
  OpenRuns open;
  open.under_way = q.number();
  open.queued = q.number();
  return open;
}

std::vector<std::string> select_open_runs(SQLite::Database& connection, const std::string& schedule) {
  std::vector<std::string> ids;
  for (Query q(connection, kSelectOpenRuns, schedule); q.next();) ids.push_back(q.text());
  return ids;
}

std::vector<model::Fire> select_fires(SQLite::Database& connection, const std::string& schedule, int limit) {
  Query q(connection, kSelectFires, schedule, limit);
  std::vector<model::Fire> fires;
  while (q.next()) {
    model::Fire& fire = fires.emplace_back();
    fire.schedule = q.text();
    fire.nominal_at = q.wall();
    fire.recorded_at = q.wall();
    fire.run_id = q.maybe_text().value_or("");
    fire.state = q.maybe_word<model::RunState>();
    fire.skipped = q.maybe_word<model::SkipReason>();
    fire.reason = q.text();
    fire.folded = q.number();
  }
  return fires;
}

model::FiresOnRecord select_fires_on_record(SQLite::Database& connection, const std::string& schedule, WallTime now) {
  Query q(connection, kSelectOnRecord, now, schedule);
  q.next();
  model::FiresOnRecord record;
  record.last = q.maybe_wall();
  record.ahead = q.maybe_wall();
  if (!record.last) return record;
  Query last(connection, kSelectSkipped, schedule, *record.last);
  last.next();
  const auto skipped = last.maybe_word<model::SkipReason>();
  record.last_waits = skipped && model::is_so_far(*skipped);
  return record;
}

std::optional<WallTime> select_last_completed(SQLite::Database& connection, const std::string& schedule) {
  Query q(connection, kSelectLastCompleted, schedule);
  q.next();
  return q.maybe_wall();
}

}  // namespace dyno::store
