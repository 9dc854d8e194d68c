#include "store/fire_rows.h"

#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kInsertFire = R"sql(
  INSERT INTO fire (schedule, nominal_at_ns, recorded_at_ns, run_id, skipped, reason, folded) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (schedule, nominal_at_ns) DO NOTHING
)sql";

constexpr auto kCountOpenRuns = R"sql(
  SELECT count(*) FILTER (WHERE state <> 'queued'), count(*) FILTER (WHERE state = 'queued')
  FROM run WHERE schedule = ? AND finished_at_ns IS NULL
)sql";

constexpr auto kSelectFires = R"sql(
  SELECT schedule, nominal_at_ns, recorded_at_ns, run_id, skipped, reason, folded FROM fire WHERE schedule = ?
  ORDER BY nominal_at_ns DESC LIMIT ?
)sql";

constexpr auto kSelectLastNominal = "SELECT max(nominal_at_ns) FROM fire WHERE schedule = ?";

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

std::vector<model::Fire> select_fires(SQLite::Database& connection, const std::string& schedule, int limit) {
  Query q(connection, kSelectFires, schedule, limit);
  std::vector<model::Fire> fires;
  while (q.next()) {
    model::Fire& fire = fires.emplace_back();
    fire.schedule = q.text();
    fire.nominal_at = q.wall();
    fire.recorded_at = q.wall();
    fire.run_id = q.maybe_text().value_or("");
    fire.skipped = q.maybe_word<model::SkipReason>();
    fire.reason = q.text();
    fire.folded = q.number();
  }
  return fires;
}

std::optional<WallTime> select_last_nominal(SQLite::Database& connection, const std::string& schedule) {
  Query q(connection, kSelectLastNominal, schedule);
  q.next();
  return q.maybe_wall();
}

}  // namespace dyno::store
