#include "store/summary_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <set>

#include "results/summarise.h"
#include "store/clauses.h"
#include "store/codes.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

using model::CellSummary;

constexpr auto kSelectReadings = R"sql(
  SELECT t.case_name, t.stack, t.block, p.name, m.name, v.value, v.validity, v.bound
  FROM trial t JOIN reading v ON v.trial_key = t.trial_key JOIN metric m ON m.metric_key = v.metric_key
    LEFT JOIN phase p ON p.phase_key = v.phase_key
  WHERE t.run_key = ? AND t.state = 'succeeded' AND v.value IS NOT NULL ORDER BY t.plan_index, t.attempt, v.phase_key
)sql";

constexpr auto kSelectRun = "SELECT profile, profile_hash, environment_key, created_at_ns FROM run WHERE run_key = ?";
constexpr auto kSelectTreated = "SELECT name, stack_class, hash, image_id FROM run_stack WHERE run_key = ?";

constexpr auto kNameSeries = R"sql(
  INSERT INTO series (profile, case_name, stack, phase, metric_key)
  VALUES (?1, ?2, ?3, ?4, (SELECT metric_key FROM metric WHERE name = ?5)) ON CONFLICT DO NOTHING
)sql";
constexpr auto kNameCell = R"sql(
  INSERT INTO cell (series_key, environment_key) VALUES (?, ?) ON CONFLICT DO NOTHING
)sql";
constexpr auto kNameTreatment = R"sql(
  INSERT INTO treatment (stack_class, stack_hash, image_id, profile_hash) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
)sql";
constexpr auto kFindSeries = R"sql(
  SELECT series_key FROM series
  WHERE profile = ?1 AND case_name = ?2 AND stack = ?3 AND phase = ?4 AND metric_key = (SELECT metric_key FROM metric WHERE name = ?5)
)sql";
constexpr auto kFindCell = "SELECT cell_key FROM cell WHERE series_key = ? AND environment_key = ?";
constexpr auto kFindTreatment = R"sql(
  SELECT treatment_key FROM treatment WHERE stack_class = ? AND stack_hash = ? AND image_id = ? AND profile_hash = ?
)sql";

constexpr auto kInsertSummary = "INSERT INTO summary (run_key, cell_key, readings) VALUES (?, ?, ?)";
constexpr auto kInsertPoint = R"sql(
  INSERT INTO point (cell_key, at_ns, run_key, treatment_key, n, value, spread, low, high, validity, bound)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kSetRules = "UPDATE run SET summary_rules = ? WHERE run_key = ?";

constexpr auto kForgetPoints = R"sql(
  DELETE FROM point WHERE (cell_key, at_ns, run_key) IN (
    SELECT s.cell_key, r.created_at_ns, s.run_key FROM summary s JOIN run r ON r.run_key = s.run_key WHERE s.run_key = ?)
)sql";
constexpr auto kForgetSummaries = "DELETE FROM summary WHERE run_key = ?";
constexpr auto kForgetRules = "UPDATE run SET summary_rules = NULL WHERE run_key = ?";

// Key of the row that `find` finds; made by `name` first where it is not there.
template <class... T>
std::int64_t key_of(SQLite::Database& connection, const char* name, const char* find, const T&... values) {
  {
    Query known(connection, find, values...);
    if (known.next()) return known.integer();
  }
  Query(connection, name, values...).run();
  Query made(connection, find, values...);
  made.next();
  return made.integer();
}

struct RunFacts {
  std::string profile;
  std::string profile_hash;
  std::string environment_key;
  WallTime at;
  std::map<std::string, std::int64_t> treatments;  // by stack
};

RunFacts facts_of(SQLite::Database& connection, std::int64_t run_key) {
  RunFacts facts;
  Query run(connection, kSelectRun, run_key);
  run.next();
  facts.profile = run.text();
  facts.profile_hash = run.text();
  facts.environment_key = run.text();
  facts.at = run.wall();
  Query stacks(connection, kSelectTreated, run_key);
  while (stacks.next()) {
    const std::string name = stacks.text();
    const std::string stack_class = stacks.text();
    const std::string hash = stacks.text();
    const std::string image = stacks.text();
    facts.treatments[name] =
        key_of(connection, kNameTreatment, kFindTreatment, stack_class, hash, image, facts.profile_hash);
  }
  return facts;
}

// Every stack that was measured is in the run; of a database that lost it only the profile is known.
std::int64_t treatment_of(SQLite::Database& connection, const RunFacts& facts, const std::string& stack) {
  const auto known = facts.treatments.find(stack);
  if (known != facts.treatments.end()) return known->second;
  const std::string none;
  return key_of(connection, kNameTreatment, kFindTreatment, none, none, none, facts.profile_hash);
}

model::Point point_of(const model::Summary& s) {
  model::Point point;
  point.n = s.n;
  point.value = s.value;
  const std::optional<model::Interval>& spread = s.ci95 ? s.ci95 : s.range;
  if (spread) {
    point.spread = s.ci95 ? model::Spread::ci95 : model::Spread::range;
    point.low = spread->low;
    point.high = spread->high;
  }
  point.validity = s.validity;
  point.bound = s.bound;
  return point;
}

void insert_cell(SQLite::Database& connection, std::int64_t run_key, const RunFacts& facts, const std::string& stack,
                 const model::Summary& s) {
  const std::int64_t series =
      key_of(connection, kNameSeries, kFindSeries, facts.profile, s.case_name, stack, s.phase, s.metric);
  const std::int64_t cell = key_of(connection, kNameCell, kFindCell, series, facts.environment_key);
  const std::string packed = pack_readings(s.readings);
  Query(connection, kInsertSummary, run_key, cell, Blob{packed}).run();
  const model::Point p = point_of(s);
  const bool has_spread = p.spread != model::Spread::none;
  Query(connection, kInsertPoint, cell, facts.at, run_key, treatment_of(connection, facts, stack), p.n, p.value,
        code_of(p.spread), has_spread ? std::optional(p.low) : std::nullopt,
        has_spread ? std::optional(p.high) : std::nullopt, code_of(p.validity), code_of(p.bound))
      .run();
}

// Which cell it is; its figures follow from its readings.
struct Place {
  std::string case_name;
  std::string phase;
  model::MetricName metric = model::MetricName::throughput_per_s;
};

model::Summary summary_of(Place place, std::vector<model::TrialValue> readings) {
  model::Summary summary = results::summary_of(std::move(readings));
  summary.case_name = std::move(place.case_name);
  summary.phase = std::move(place.phase);
  summary.metric = place.metric;
  return summary;
}

Place place_of(Query& q) {
  Place place;
  place.case_name = q.text();
  place.phase = q.text();
  place.metric = q.word<model::MetricName>();
  return place;
}

// A comparison of two runs with their nights unpacks a hundred thousand.
static_assert(std::endian::native == std::endian::little, "readings are stored with the least significant byte first");
constexpr std::size_t kPackedBytes = 11;

template <class T>
T unpacked(const char* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

}  // namespace

std::string pack_readings(const std::vector<model::TrialValue>& readings) {
  std::string bytes(1, '\1');
  const auto put = [&](std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFFU);
  };
  for (const model::TrialValue& one : readings) {
    put(static_cast<std::uint64_t>(one.block), 2);
    put(static_cast<std::uint64_t>(one.validity) | static_cast<std::uint64_t>(one.bound) << 2U, 1);
    put(std::bit_cast<std::uint64_t>(one.value), 8);
  }
  return bytes;
}

Status unpack_readings(std::string_view bytes, std::int64_t night, std::vector<model::TrialValue>& readings) {
  if (bytes.empty() || bytes[0] != '\1' || bytes.size() % kPackedBytes != 1)
    return fail(ErrorCode::internal, "the stored readings of a summary are of an unknown form");
  for (const char* at = bytes.data() + 1; at != bytes.data() + bytes.size(); at += kPackedBytes) {
    const auto marks = unpacked<std::uint8_t>(at + 2);
    if ((marks & 3U) > 2 || (marks >> 2U) >= model::EnumNames<model::Bound>::names.size())
      return fail(ErrorCode::internal, "a stored reading has a mark that is unknown to this program");
    readings.push_back({unpacked<std::uint16_t>(at), unpacked<double>(at + 3), static_cast<model::Validity>(marks & 3U),
                        static_cast<model::Bound>(marks >> 2U), night});
  }
  return {};
}

void forget_summaries(SQLite::Database& connection, std::int64_t run_key) {
  for (const char* const sql : {kForgetPoints, kForgetSummaries, kForgetRules}) Query(connection, sql, run_key).run();
}

void write_summaries(SQLite::Database& connection, std::int64_t run_key) {
  forget_summaries(connection, run_key);
  std::map<std::string, std::string> stacks;  // by case
  std::vector<results::PlacedReading> readings;
  {
    Query q(connection, kSelectReadings, run_key);
    while (q.next()) {
      results::PlacedReading one;
      one.case_name = q.text();
      std::string stack = q.text();
      one.value.block = q.number();
      one.phase = q.maybe_text().value_or("");
      // A metric that only another program knows has no rules here, and may not keep the run from ending.
      const auto metric = model::parse_enum<model::MetricName>(q.text());
      if (!metric) continue;
      one.metric = *metric;
      one.value.value = q.real();
      one.value.validity = coded<model::Validity>(q);
      one.value.bound = coded<model::Bound>(q);
      stacks[one.case_name] = std::move(stack);
      readings.push_back(std::move(one));
    }
  }
  const RunFacts facts = facts_of(connection, run_key);
  for (const model::Summary& summary : results::summarise(readings))
    insert_cell(connection, run_key, facts, stacks.at(summary.case_name), summary);
  Query(connection, kSetRules, results::kSummaryRules, run_key).run();
}

std::vector<PastRun> select_past_runs(SQLite::Database& connection, const PastFilter& filter) {
  Clauses sql("SELECT r.run_key, r.id, r.created_at_ns FROM run r WHERE r.summary_rules IS NOT NULL");
  sql.add(
      " AND EXISTS (SELECT 1 FROM summary s JOIN cell c ON c.cell_key = s.cell_key JOIN series x ON x.series_key = "
      "c.series_key WHERE s.run_key = r.run_key");
  sql.among("x.stack", filter.stacks);
  sql.add(")");
  sql.among("r.profile", filter.profiles);
  sql.among("r.schedule", filter.schedules);
  if (filter.environment_key) sql.add(" AND r.environment_key = ?", *filter.environment_key);
  if (filter.id) sql.add(" AND r.id = ?", *filter.id);
  else sql.add(" AND r.excluded IS NULL");
  if (filter.since) sql.add(" AND r.created_at_ns >= ?", *filter.since);
  if (filter.before) sql.add(" AND r.created_at_ns < ?", *filter.before);
  sql.add(" ORDER BY r.created_at_ns DESC, r.id DESC LIMIT ?", filter.limit);
  std::vector<PastRun> runs;
  Query q = sql.query(connection);
  while (q.next()) {
    PastRun& run = runs.emplace_back();
    run.run_key = q.integer();
    run.id = q.text();
    run.created_at = q.wall();
  }
  return runs;
}

Result<std::vector<CellSummary>> select_cells(SQLite::Database& connection, std::int64_t run_key,
                                              const CellFilter& filter) {
  Clauses sql(R"sql(
    SELECT x.case_name, x.phase, m.name, x.stack, c.environment_key, s.readings
    FROM summary s JOIN cell c ON c.cell_key = s.cell_key JOIN series x ON x.series_key = c.series_key
      JOIN metric m ON m.metric_key = x.metric_key
    WHERE s.run_key = ?)sql",
              run_key);
  add_cell_filter(sql, filter);
  sql.add(" ORDER BY s.cell_key");
  std::vector<CellSummary> cells;
  Query q = sql.query(connection);
  while (q.next()) {
    Place place = place_of(q);
    CellSummary& cell = cells.emplace_back();
    cell.stack = q.text();
    cell.environment_key = q.text();
    std::vector<model::TrialValue> readings;
    if (const Status read = unpack_readings(q.view(), 0, readings); !read) return fail(read.error());
    if (readings.empty()) return fail(ErrorCode::internal, "a stored summary has no readings");
    cell.summary = summary_of(std::move(place), std::move(readings));
  }
  return cells;
}

std::vector<CellSummary> select_values(SQLite::Database& connection, std::int64_t run_key,
                                       const std::vector<PastRun>& runs, const CellFilter& filter) {
  if (runs.empty()) return {};
  // In the order in which both tables lie, so that nothing is sorted. A cell's words come last: they are read from its first row only.
  Clauses sql(R"sql(
    SELECT s.cell_key, p.run_key, p.n, p.value, p.validity, p.bound, x.case_name, x.phase, m.name, x.stack, c.environment_key
    FROM summary s JOIN cell c ON c.cell_key = s.cell_key JOIN series x ON x.series_key = c.series_key
      JOIN metric m ON m.metric_key = x.metric_key JOIN point p ON p.cell_key = s.cell_key
    WHERE s.run_key = ? AND p.at_ns BETWEEN ? AND ?)sql",
              run_key, runs.back().created_at, runs.front().created_at);
  add_cell_filter(sql, filter);
  sql.add(" ORDER BY s.cell_key, p.at_ns, p.run_key");
  std::set<std::int64_t> wanted;
  for (const PastRun& run : runs) wanted.insert(run.run_key);
  std::vector<CellSummary> cells;
  Place place;
  std::vector<model::TrialValue> values;
  const auto end_cell = [&] {
    if (values.empty()) return;
    cells.back().summary = summary_of(std::move(place), std::move(values));
    values.clear();
  };
  std::int64_t before = 0;
  Query q = sql.query(connection);
  while (q.next()) {
    const std::int64_t cell = q.integer();
    if (cell != before) end_cell();
    before = cell;
    if (!wanted.contains(q.integer()) || q.number() == 0) continue;
    const double value = q.real();
    const auto validity = coded<model::Validity>(q);
    values.push_back({0, value, validity, coded<model::Bound>(q)});
    if (values.size() > 1) continue;
    place = place_of(q);
    CellSummary& one = cells.emplace_back();
    one.stack = q.text();
    one.environment_key = q.text();
  }
  end_cell();
  return cells;
}

}  // namespace dyno::store
