#include "store/summary_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <unordered_map>

#include "results/line.h"
#include "results/summarise.h"
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

// What each clause of a filter adds, with its values, which are bound in the order in which they were added.
class Clauses {
 public:
  explicit Clauses(std::string sql) : sql_(std::move(sql)) {}

  Clauses& add(std::string_view clause) {
    sql_ += clause;
    return *this;
  }
  void value(std::string text) { values_.emplace_back(std::move(text)); }
  void value(std::int64_t number) { values_.emplace_back(number); }
  // " AND column IN (…)" where there is anything to restrict it to.
  void among(std::string_view column, const std::vector<std::string>& names) {
    if (names.empty()) return;
    sql_ += fmt::format(" AND {} IN ({})", column, marks(names.size()));
    for (const std::string& name : names) value(name);
  }
  Query query(SQLite::Database& connection) const {
    Query q(connection, sql_);
    int i = 0;
    for (const auto& one : values_) {
      if (const auto* const text = std::get_if<std::string>(&one)) q.bind_at(++i, *text);
      else q.bind_at(++i, std::get<std::int64_t>(one));
    }
    return q;
  }

 private:
  std::string sql_;
  std::vector<std::variant<std::string, std::int64_t>> values_;
};

void add_cell_filter(Clauses& sql, const CellFilter& filter) {
  sql.among("x.case_name", filter.cases);
  sql.among("x.stack", filter.stacks);
  sql.among("x.phase", filter.phases);
  sql.among("m.name", filter.metrics);
}

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

model::Point read_point(Query& q) {
  model::Point p;
  p.at = q.wall();
  p.run_key = q.integer();
  p.n = q.number();
  p.value = q.real();
  p.spread = coded<model::Spread>(q);
  p.low = q.maybe_real().value_or(0);
  p.high = q.maybe_real().value_or(0);
  p.validity = coded<model::Validity>(q);
  p.bound = coded<model::Bound>(q);
  return p;
}

model::Series series_of(Query& q) {
  model::Series series;
  series.id = q.integer();
  series.profile = q.text();
  series.case_name = q.text();
  series.stack = q.text();
  series.phase = q.text();
  series.metric = q.word<model::MetricName>();
  return series;
}

constexpr auto kSelectSeries = R"sql(
  SELECT x.series_key, x.profile, x.case_name, x.stack, x.phase, m.name,
         (SELECT max(l.at) FROM (SELECT (SELECT max(p.at_ns) FROM point p WHERE p.cell_key = c.cell_key) AS at
                                 FROM cell c WHERE c.series_key = x.series_key) l)
  FROM series x JOIN metric m ON m.metric_key = x.metric_key WHERE x.series_key > ?
)sql";

// The rows of each cell are in order already; few cells make a line.
constexpr auto kSelectLine = R"sql(
  SELECT p.at_ns, p.run_key, p.n, p.value, p.spread, p.low, p.high, p.validity, p.bound, p.treatment_key, p.cell_key
  FROM cell c JOIN point p ON p.cell_key = c.cell_key
  WHERE c.series_key = ?1 AND p.at_ns >= ?2 AND p.at_ns < ?3
)sql";
constexpr auto kSelectCells = "SELECT cell_key, environment_key FROM cell WHERE series_key = ?";
constexpr auto kSelectTreatment = R"sql(
  SELECT stack_class, stack_hash, image_id, profile_hash FROM treatment WHERE treatment_key = ?
)sql";
constexpr auto kSelectShown = "SELECT id, note FROM run WHERE run_key = ?";

// The points of a line in the order of time, with what each was measured on.
struct Line {
  std::unordered_map<std::int64_t, std::string> environments;     // by cell; nodes stay where they are
  std::unordered_map<std::int64_t, model::Treatment> treatments;  // by key
  std::vector<results::PlacedPoint> points;
};

const model::Treatment& treatment_at(SQLite::Database& connection, std::int64_t key, Line& line) {
  const auto [found, is_new] = line.treatments.try_emplace(key);
  if (is_new) {
    Query q(connection, kSelectTreatment, key);
    q.next();
    found->second = {q.text(), "", "", ""};
    found->second.stack_hash = q.text();
    found->second.image_id = q.text();
    found->second.profile_hash = q.text();
  }
  return found->second;
}

void read_line(SQLite::Database& connection, std::int64_t series_id, const LineFilter& filter, Line& line) {
  Query cells(connection, kSelectCells, series_id);
  while (cells.next()) {
    const std::int64_t key = cells.integer();
    line.environments[key] = cells.text();
  }
  Query q(connection, kSelectLine, series_id, filter.since ? to_ns(*filter.since) : 0,
          filter.until ? to_ns(*filter.until) : std::numeric_limits<std::int64_t>::max());
  // Neighbours are nearly always of one cell and one treatment, and in order already.
  std::int64_t treatment_key = 0;
  const model::Treatment* treatment = nullptr;
  std::int64_t cell_key = 0;
  const std::string* environment = nullptr;
  while (q.next()) {
    results::PlacedPoint& one = line.points.emplace_back();
    one.point = read_point(q);
    if (const std::int64_t key = q.integer(); treatment == nullptr || key != treatment_key) {
      treatment_key = key;
      treatment = &treatment_at(connection, key, line);
    }
    if (const std::int64_t key = q.integer(); environment == nullptr || key != cell_key) {
      cell_key = key;
      environment = &line.environments.at(key);
    }
    one.treatment = treatment;
    one.environment_key = environment;
  }
  const auto is_earlier = [](const results::PlacedPoint& a, const results::PlacedPoint& b) {
    return std::pair(a.point.at, a.point.run_key) < std::pair(b.point.at, b.point.run_key);
  };
  if (!std::is_sorted(line.points.begin(), line.points.end(), is_earlier))
    std::sort(line.points.begin(), line.points.end(), is_earlier);
}

// Marks the runs from which on another image was measured: all of them, whether their points are shown or were thinned out.
void add_new_images(SQLite::Database& connection, const Line& line, model::History& history) {
  for (std::size_t i = 1; i < line.points.size(); ++i) {
    const std::string& image = line.points[i].treatment->image_id;
    if (image == line.points[i - 1].treatment->image_id) continue;
    const model::Point& point = line.points[i].point;
    Query q(connection, kSelectShown, point.run_key);
    q.next();
    history.annotations.push_back({model::AnnotationKind::image, point.at, q.text(), image});
  }
}

// Ids of the points that are left, and their notes.
void add_runs(SQLite::Database& connection, model::History& history) {
  for (model::Point& point : history.points) {
    Query q(connection, kSelectShown, point.run_key);
    q.next();
    point.run_id = q.text();
    if (std::string note = q.text(); !note.empty())
      history.annotations.push_back({model::AnnotationKind::note, point.at, point.run_id, std::move(note)});
  }
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

Result<std::vector<model::TrialValue>> unpack_readings(const std::string& bytes) {
  constexpr std::size_t kEach = 11;
  if (bytes.empty() || bytes[0] != '\1' || bytes.size() % kEach != 1)
    return fail(ErrorCode::internal, "the stored readings of a summary are of an unknown form");
  const auto take = [&](std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return value;
  };
  std::vector<model::TrialValue> readings;
  readings.reserve(bytes.size() / kEach);
  for (std::size_t at = 1; at < bytes.size(); at += kEach) {
    const std::uint64_t marks = take(at + 2, 1);
    if ((marks & 3U) > 2 || (marks >> 2U) >= model::EnumNames<model::Bound>::names.size())
      return fail(ErrorCode::internal, "a stored reading has a mark that is unknown to this program");
    readings.push_back({static_cast<int>(take(at, 2)), std::bit_cast<double>(take(at + 3, 8)),
                        static_cast<model::Validity>(marks & 3U), static_cast<model::Bound>(marks >> 2U)});
  }
  return readings;
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
  if (filter.environment_key) sql.among("r.environment_key", {*filter.environment_key});
  if (filter.id) {
    sql.add(" AND r.id = ?");
    sql.value(*filter.id);
  }
  if (filter.since) {
    sql.add(" AND r.created_at_ns >= ?");
    sql.value(to_ns(*filter.since));
  }
  if (filter.before) {
    sql.add(" AND r.created_at_ns < ?");
    sql.value(to_ns(*filter.before));
  }
  sql.add(" ORDER BY r.created_at_ns DESC, r.id DESC LIMIT ?");
  sql.value(std::int64_t{filter.limit});
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
    WHERE s.run_key = ?)sql");
  sql.value(run_key);
  add_cell_filter(sql, filter);
  sql.add(" ORDER BY s.cell_key");
  std::vector<CellSummary> cells;
  Query q = sql.query(connection);
  while (q.next()) {
    Place place = place_of(q);
    CellSummary& cell = cells.emplace_back();
    cell.stack = q.text();
    cell.environment_key = q.text();
    Result<std::vector<model::TrialValue>> readings = unpack_readings(q.text());
    if (!readings) return fail(readings.error());
    if (readings->empty()) return fail(ErrorCode::internal, "a stored summary has no readings");
    cell.summary = summary_of(std::move(place), std::move(*readings));
  }
  return cells;
}

std::vector<CellSummary> select_values(SQLite::Database& connection, std::int64_t run_key,
                                       const std::vector<PastRun>& runs, const CellFilter& filter) {
  if (runs.empty()) return {};
  Clauses sql(R"sql(
    SELECT x.case_name, x.phase, m.name, x.stack, c.environment_key, p.cell_key, p.run_key, p.n, p.value, p.validity, p.bound
    FROM summary s JOIN cell c ON c.cell_key = s.cell_key JOIN series x ON x.series_key = c.series_key
      JOIN metric m ON m.metric_key = x.metric_key JOIN point p ON p.cell_key = s.cell_key
    WHERE s.run_key = ? AND p.at_ns BETWEEN ? AND ?)sql");
  sql.value(run_key);
  sql.value(to_ns(runs.back().created_at));
  sql.value(to_ns(runs.front().created_at));
  add_cell_filter(sql, filter);
  sql.add(" ORDER BY p.cell_key, p.at_ns, p.run_key");
  std::set<std::int64_t> wanted;
  for (const PastRun& run : runs) wanted.insert(run.run_key);
  std::vector<CellSummary> cells;
  Place place;
  std::vector<model::TrialValue> values;
  const auto end_cell = [&] {
    if (cells.empty()) return;
    if (values.empty()) cells.pop_back();
    else cells.back().summary = summary_of(std::move(place), std::move(values));
    values.clear();
  };
  std::int64_t before = 0;
  Query q = sql.query(connection);
  while (q.next()) {
    Place next = place_of(q);
    const std::string stack = q.text();
    const std::string environment = q.text();
    if (const std::int64_t cell = q.integer(); cell != before) {
      end_cell();
      cells.push_back({stack, environment, {}});
      place = std::move(next);
      before = cell;
    }
    if (!wanted.contains(q.integer()) || q.number() == 0) continue;
    const double value = q.real();
    const auto validity = coded<model::Validity>(q);
    values.push_back({0, value, validity, coded<model::Bound>(q)});
  }
  end_cell();
  return cells;
}

std::vector<model::Series> select_series(SQLite::Database& connection, const SeriesFilter& filter) {
  Clauses sql(kSelectSeries);
  sql.value(filter.after);
  add_cell_filter(sql, filter.cells);
  sql.among("x.profile", filter.profiles);
  sql.add(" ORDER BY x.series_key LIMIT ?");
  sql.value(std::int64_t{filter.limit});
  std::vector<model::Series> all;
  Query q = sql.query(connection);
  while (q.next()) {
    model::Series& series = all.emplace_back(series_of(q));
    series.last_at = q.maybe_wall();
  }
  return all;
}

Result<model::History> select_history(SQLite::Database& connection, std::int64_t series_id, const LineFilter& filter) {
  model::History history;
  {
    Clauses sql(kSelectSeries);
    sql.value(series_id - 1);
    sql.add(" ORDER BY x.series_key LIMIT 1");
    Query q = sql.query(connection);
    if (q.next()) {
      history.series = series_of(q);
      history.series.last_at = q.maybe_wall();
    }
  }
  if (history.series.id != series_id)
    return fail(ErrorCode::not_found, fmt::format("there is no series {}", series_id));
  Line line;
  read_line(connection, series_id, filter, line);
  history.segments = results::segments_of(line.points);
  history.in_all = static_cast<int>(line.points.size());
  history.points = results::thinned(line.points, filter.most);
  add_new_images(connection, line, history);
  add_runs(connection, history);
  std::stable_sort(history.annotations.begin(), history.annotations.end(),
                   [](const model::Annotation& a, const model::Annotation& b) { return a.at < b.at; });
  return history;
}

}  // namespace dyno::store
