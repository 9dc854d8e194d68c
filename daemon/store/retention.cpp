#include "store/retention.h"

#include <fmt/format.h>

#include "record/record.h"
#include "record/series_codec.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

// The parts of events that are series, by their names (record/record.h).
constexpr auto kSeriesOf = R"sql(
  FROM attachment a JOIN event e ON e.id = a.event_id
  WHERE e.run_key = r.run_key AND a.pointer IN (?1, ?2, ?3) AND length(a.bytes) > 2
)sql";
constexpr auto kSelectOld = R"sql(
  SELECT r.id, r.created_at_ns, (SELECT coalesce(sum(length(a.bytes)), 0) {})
  FROM run r
  WHERE r.series_removed_at_ns IS NULL AND r.finished_at_ns IS NOT NULL AND r.finished_at_ns < ?4 AND r.pinned = 0
    AND NOT EXISTS (SELECT 1 FROM baseline b WHERE b.ref = r.id)
  ORDER BY r.finished_at_ns LIMIT ?5
)sql";
constexpr auto kSelectOne = R"sql(
  SELECT r.run_key, r.pinned = 0 AND r.finished_at_ns IS NOT NULL, (SELECT coalesce(sum(length(a.bytes)), 0) {}) FROM run r WHERE r.id = ?4
)sql";
// Without rows, as the codec writes it: what reads or rebuilds the event finds a series.
constexpr auto kEmpty = R"sql(
  UPDATE attachment SET bytes = x'0100'
  WHERE pointer IN (?1, ?2, ?3) AND length(bytes) > 2 AND event_id IN (SELECT id FROM event WHERE run_key = ?4)
)sql";
constexpr auto kSetRemoved = "UPDATE run SET series_removed_at_ns = ? WHERE run_key = ?";
// The newest image of a stack stays, too: its next run would build it again.
constexpr auto kSelectImages = R"sql(
  SELECT s.image_id, s.name, max(s.image_bytes), max(r.created_at_ns),
         max(r.pinned OR r.finished_at_ns IS NULL OR EXISTS (SELECT 1 FROM baseline b WHERE b.ref = r.id)
             OR s.run_key = (SELECT max(n.run_key) FROM run_stack n JOIN run o ON o.run_key = n.run_key
                             WHERE n.name = s.name AND n.image_id <> '' AND o.imported_from IS NULL))
  FROM run_stack s JOIN run r ON r.run_key = s.run_key
  WHERE s.image_id <> '' AND s.image_bytes IS NOT NULL AND r.imported_from IS NULL
  GROUP BY s.image_id ORDER BY max(r.created_at_ns)
)sql";

}  // namespace

Result<std::vector<model::OldSeries>> Retention::old_series(WallTime ended_before, int limit) const {
  std::vector<model::OldSeries> all;
  const Status read = database_.read("looking for old series", [&](SQLite::Database& connection) -> Status {
    Query q(connection, fmt::format(fmt::runtime(kSelectOld), kSeriesOf), record::kPhaseTimeline, record::kPhaseSeconds,
            record::kMemorySamples, ended_before, limit);
    while (q.next()) {
      model::OldSeries& one = all.emplace_back();
      one.run_id = q.text();
      one.created_at = q.wall();
      one.bytes = Bytes{q.integer()};
    }
    return {};
  });
  if (!read) return fail(read.error());
  return all;
}

Result<Bytes> Retention::drop_series(const std::string& run_id, WallTime now) {
  Bytes bytes{};
  const Status dropped = database_.write("removing old series", [&](SQLite::Database& connection) -> Status {
    std::int64_t run_key = 0;
    {
      Query q(connection, fmt::format(fmt::runtime(kSelectOne), kSeriesOf), record::kPhaseTimeline,
              record::kPhaseSeconds, record::kMemorySamples, run_id);
      if (!q.next()) return fail(ErrorCode::not_found, fmt::format("there is no run {}", run_id));
      run_key = q.integer();
      if (!q.flag()) return fail(ErrorCode::conflict, fmt::format("run {} is pinned, or goes on", run_id));
      bytes = Bytes{q.integer()};
    }
    Query(connection, kEmpty, record::kPhaseTimeline, record::kPhaseSeconds, record::kMemorySamples, run_key).run();
    Query(connection, kSetRemoved, now, run_key).run();
    return {};
  });
  if (!dropped) return fail(dropped.error());
  return bytes;
}

Result<std::vector<model::UsedImage>> Retention::images() const {
  std::vector<model::UsedImage> all;
  const Status read = database_.read("looking for images", [&](SQLite::Database& connection) -> Status {
    Query q(connection, kSelectImages);
    while (q.next()) {
      model::UsedImage& one = all.emplace_back();
      one.image_id = q.text();
      one.stack = q.text();
      one.bytes = Bytes{q.integer()};
      one.used_at = q.wall();
      one.kept = q.flag();
    }
    return {};
  });
  if (!read) return fail(read.error());
  return all;
}

}  // namespace dyno::store
