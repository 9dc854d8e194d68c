#include "store/pool_rows.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "results/summarise.h"
#include "store/clauses.h"
#include "store/rows.h"
#include "store/summary_rows.h"

namespace dyno::store {
namespace {

using model::CellSummary;

constexpr int kBlocksEnough =
    30;  // from here on even the decision that nothing changed is within reach, and older nights would only delay what is new
constexpr Nanos kNightsApart = std::chrono::hours(24 * 60);

constexpr auto kSelectRun =
    "SELECT schedule, profile, profile_hash, environment_key, blocks FROM run WHERE run_key = ?";
constexpr auto kSelectNights = R"sql(
  SELECT run_key, id, created_at_ns, blocks FROM run
  WHERE created_at_ns >= ?1 AND (created_at_ns, id) < (?2, ?3) AND schedule = ?4 AND profile = ?5 AND profile_hash = ?6 AND environment_key = ?7
    AND summary_rules IS NOT NULL AND state = 'succeeded' AND excluded IS NULL
  ORDER BY created_at_ns DESC, id DESC LIMIT ?8
)sql";
constexpr auto kSelectTreated = "SELECT name, stack_class, hash, image_id FROM run_stack WHERE run_key = ?";
constexpr auto kSelectReadings = "SELECT readings FROM summary WHERE run_key = ? AND cell_key = ?";
constexpr auto kSelectRange =
    "SELECT cell_key, readings FROM summary WHERE run_key = ? AND cell_key BETWEEN ? AND ? ORDER BY cell_key";
constexpr auto kSelectPlaces = R"sql(
  SELECT s.cell_key, x.case_name, x.stack, x.phase, m.name, c.environment_key
  FROM summary s JOIN cell c ON c.cell_key = s.cell_key JOIN series x ON x.series_key = c.series_key
    JOIN metric m ON m.metric_key = x.metric_key
  WHERE s.run_key = ?)sql";
constexpr auto kSelectHeads = "SELECT id, created_at_ns, blocks FROM run WHERE run_key = ?";
constexpr auto kSelectShown = "SELECT name, title, runtime, stack_class FROM run_stack WHERE run_key = ?";

struct Place {
  std::int64_t cell_key = 0;
  std::string case_name;
  std::string stack;
  std::string phase;
  model::MetricName metric = model::MetricName::throughput_per_s;
  std::string environment_key;
};

Place place_of(Query& q) {
  Place place;
  place.cell_key = q.integer();
  place.case_name = q.text();
  place.stack = q.text();
  place.phase = q.text();
  place.metric = q.word<model::MetricName>();
  place.environment_key = q.text();
  return place;
}

using Treated = std::map<std::string, std::tuple<std::string, std::string, std::string>>;  // by stack

Treated treated_in(SQLite::Database& connection, std::int64_t run_key) {
  Treated all;
  Query q(connection, kSelectTreated, run_key);
  while (q.next()) {
    std::string name = q.text();
    std::string stack_class = q.text();
    std::string hash = q.text();
    all[std::move(name)] = {std::move(stack_class), std::move(hash), q.text()};
  }
  return all;
}

// A run, and which of the stacks were the same in it.
struct Night {
  std::int64_t run_key = 0;
  std::set<std::string> other_stacks;
};

std::vector<Night> nights_of(SQLite::Database& connection, const std::vector<PastRun>& runs) {
  std::vector<Night> nights;
  const Treated first = treated_in(connection, runs.front().run_key);
  for (const PastRun& run : runs) {
    Night& night = nights.emplace_back(Night{run.run_key, {}});
    if (nights.size() == 1) continue;
    const Treated then = treated_in(connection, run.run_key);
    for (const auto& [name, what] : first) {
      const auto found = then.find(name);
      if (found == then.end() || found->second != what) night.other_stacks.insert(name);
    }
  }
  return nights;
}

// Adds what a night has of each place. `places` are in the order of their keys, `readings` has one list for each.
class NightReader {
 public:
  NightReader(SQLite::Database& connection, const std::vector<Place>& places,
              std::vector<std::vector<model::TrialValue>>& readings)
      : connection_(connection), places_(places), readings_(readings) {}

  Status add(const Night& night) {
    constexpr std::int64_t kGaps = 4;  // so many rows are passed over in the time that one is looked up
    const std::int64_t span = places_.back().cell_key - places_.front().cell_key + 1;
    return span <= kGaps * std::ssize(places_) ? pass_over(night) : look_up(night);
  }

 private:
  Status pass_over(const Night& night) {
    Query q(connection_, kSelectRange, night.run_key, places_.front().cell_key, places_.back().cell_key);
    std::size_t at = 0;
    while (q.next()) {
      const std::int64_t cell_key = q.integer();
      while (at < places_.size() && places_[at].cell_key < cell_key) ++at;
      if (at == places_.size()) break;
      if (places_[at].cell_key != cell_key || night.other_stacks.contains(places_[at].stack)) continue;
      if (Status taken = take(night, at, q); !taken) return taken;
    }
    return {};
  }
  Status look_up(const Night& night) {
    Query q(connection_, kSelectReadings);
    for (std::size_t at = 0; at < places_.size(); ++at) {
      if (night.other_stacks.contains(places_[at].stack)) continue;
      q.again(night.run_key, places_[at].cell_key);
      if (!q.next()) continue;
      if (Status taken = take(night, at, q); !taken) return taken;
    }
    return {};
  }
  Status take(const Night& night, std::size_t at, Query& q) {
    return unpack_readings(q.view(), night.run_key, readings_[at]);
  }

  SQLite::Database& connection_;
  const std::vector<Place>& places_;
  std::vector<std::vector<model::TrialValue>>& readings_;
};

Result<std::vector<CellSummary>> pooled(SQLite::Database& connection, const std::vector<Place>& places,
                                        const std::vector<PastRun>& runs) {
  std::vector<CellSummary> cells;
  if (places.empty()) return cells;
  std::vector<std::vector<model::TrialValue>> readings(places.size());
  for (std::vector<model::TrialValue>& one : readings) one.reserve(kBlocksEnough);
  NightReader reader(connection, places, readings);
  for (const Night& night : nights_of(connection, runs)) {
    if (const Status added = reader.add(night); !added) return fail(added.error());
  }
  cells.reserve(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    if (readings[i].empty()) return fail(ErrorCode::internal, "a stored summary has no readings");
    CellSummary& cell = cells.emplace_back(CellSummary{place.stack, place.environment_key, {}});
    cell.summary = results::summary_of(std::move(readings[i]));
    cell.summary.case_name = place.case_name;
    cell.summary.phase = place.phase;
    cell.summary.metric = place.metric;
  }
  return cells;
}

std::map<std::string, ShownStack> stacks_in(SQLite::Database& connection, std::int64_t run_key) {
  std::map<std::string, ShownStack> all;
  Query q(connection, kSelectShown, run_key);
  while (q.next()) {
    std::string name = q.text();
    std::string title = q.text();
    std::string language = q.text();
    all[std::move(name)] = {std::move(title), std::move(language), q.text()};
  }
  return all;
}

// The cells of the profile and environment, by the run whose summary is their newest valid one.
std::map<std::int64_t, std::vector<Place>> newest_places(SQLite::Database& connection, const NewestFilter& filter) {
  std::string of_schedule;
  if (!filter.schedules.empty()) {
    of_schedule = fmt::format(" AND EXISTS (SELECT 1 FROM run r WHERE r.run_key = p.run_key AND r.schedule IN ({}))",
                              marks(filter.schedules.size()));
  }
  Clauses sql(fmt::format(R"sql(
    SELECT c.cell_key, x.case_name, x.stack, x.phase, m.name, c.environment_key,
           (SELECT p.run_key FROM point p WHERE p.cell_key = c.cell_key AND p.n > 0
              AND p.run_key NOT IN (SELECT run_key FROM run WHERE excluded IS NOT NULL){} ORDER BY p.at_ns DESC, p.run_key DESC LIMIT 1)
    FROM series x JOIN metric m ON m.metric_key = x.metric_key JOIN cell c ON c.series_key = x.series_key)sql",
                          of_schedule));
  for (const std::string& one : filter.schedules) sql.add("", one);
  sql.add(" WHERE x.profile = ? AND c.environment_key = ?", filter.profile, filter.environment_key);
  add_cell_filter(sql, filter.cells);
  sql.add(" ORDER BY c.cell_key");
  std::map<std::int64_t, std::vector<Place>> by_run;
  Query q = sql.query(connection);
  while (q.next()) {
    Place place = place_of(q);
    if (const auto run_key = q.maybe_integer()) by_run[*run_key].push_back(std::move(place));
  }
  return by_run;
}

}  // namespace

PastRun past_run_of(SQLite::Database& connection, std::int64_t run_key) {
  PastRun run;
  Query q(connection, kSelectHeads, run_key);
  q.next();
  run.run_key = run_key;
  run.id = q.text();
  run.created_at = q.wall();
  run.blocks = q.number();
  return run;
}

std::vector<PastRun> select_pool(SQLite::Database& connection, const PastRun& run) {
  std::vector<PastRun> nights;
  Query of_run(connection, kSelectRun, run.run_key);
  of_run.next();
  const std::optional<std::string> schedule = of_run.maybe_text();
  const std::string profile = of_run.text();
  const std::string profile_hash = of_run.text();
  const std::string environment_key = of_run.text();
  nights.push_back(run);
  nights.front().blocks = of_run.number();
  int blocks = nights.front().blocks;
  if (!schedule || schedule->empty()) return nights;
  Query q(connection, kSelectNights, run.created_at - kNightsApart, run.created_at, run.id, *schedule, profile,
          profile_hash, environment_key, kBlocksEnough);
  while (blocks < kBlocksEnough && q.next()) {
    PastRun& night = nights.emplace_back();
    night.run_key = q.integer();
    night.id = q.text();
    night.created_at = q.wall();
    night.blocks = q.number();
    blocks += night.blocks;
  }
  return nights;
}

Result<std::vector<CellSummary>> select_pooled(SQLite::Database& connection, const std::vector<PastRun>& runs,
                                               const CellFilter& filter) {
  Clauses sql(kSelectPlaces, runs.front().run_key);
  add_cell_filter(sql, filter);
  sql.add(" ORDER BY s.cell_key");
  std::vector<Place> places;
  {
    Query q = sql.query(connection);
    while (q.next()) places.push_back(place_of(q));
  }
  return pooled(connection, places, runs);
}

Result<std::vector<NewestCells>> select_newest(SQLite::Database& connection, const NewestFilter& filter) {
  std::vector<NewestCells> all;
  for (const auto& [run_key, places] : newest_places(connection, filter)) {
    const PastRun run = past_run_of(connection, run_key);
    NewestCells& one = all.emplace_back();
    one.runs = filter.is_pooled ? select_pool(connection, run) : std::vector{run};
    one.stacks = stacks_in(connection, run_key);
    Result<std::vector<CellSummary>> cells = pooled(connection, places, one.runs);
    if (!cells) return fail(cells.error());
    one.cells = std::move(*cells);
  }
  std::sort(all.begin(), all.end(), [](const NewestCells& a, const NewestCells& b) {
    return a.runs.front().created_at > b.runs.front().created_at;
  });
  return all;
}

}  // namespace dyno::store
