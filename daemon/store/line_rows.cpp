#include "store/line_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "results/line.h"
#include "store/clauses.h"
#include "store/codes.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

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
constexpr auto kSelectShown = "SELECT id FROM run WHERE run_key = ?";
constexpr auto kSelectSaid = R"sql(
  SELECT run_key, id, coalesce(own_note, note), excluded FROM run WHERE coalesce(own_note, note) <> ''
  UNION SELECT run_key, id, coalesce(own_note, note), excluded FROM run WHERE excluded IS NOT NULL
)sql";

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

// What somebody says of a run; of few of the many.
struct Said {
  std::string run_id;
  std::string note;
  std::optional<std::string> excluded;
};

std::unordered_map<std::int64_t, Said> select_said(SQLite::Database& connection) {
  std::unordered_map<std::int64_t, Said> all;
  Query q(connection, kSelectSaid);
  while (q.next()) {
    Said& one = all[q.integer()];
    one.run_id = q.text();
    one.note = q.text();
    one.excluded = q.maybe_text();
  }
  return all;
}

// Notes of all runs of the line, whether their points are shown or were thinned out, and of those that do not count, which leave it.
void take_said(SQLite::Database& connection, Line& line, model::History& history) {
  const auto all = select_said(connection);
  if (all.empty()) return;
  std::erase_if(line.points, [&](const results::PlacedPoint& one) {
    const auto said = all.find(one.point.run_key);
    if (said == all.end()) return false;
    const Said& says = said->second;
    if (!says.note.empty())
      history.annotations.push_back({model::AnnotationKind::note, one.point.at, says.run_id, says.note});
    if (says.excluded)
      history.annotations.push_back({model::AnnotationKind::excluded, one.point.at, says.run_id, *says.excluded});
    return says.excluded.has_value();
  });
}

// Ids of the points that are left.
void add_runs(SQLite::Database& connection, model::History& history) {
  for (model::Point& point : history.points) {
    Query q(connection, kSelectShown, point.run_key);
    q.next();
    point.run_id = q.text();
  }
}

}  // namespace

std::vector<model::Series> select_series(SQLite::Database& connection, const SeriesFilter& filter) {
  Clauses sql(kSelectSeries, filter.after);
  add_cell_filter(sql, filter.cells);
  sql.among("x.profile", filter.profiles);
  sql.add(" ORDER BY x.series_key LIMIT ?", filter.limit);
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
    Query q(connection, std::string(kSelectSeries) + " ORDER BY x.series_key LIMIT 1", series_id - 1);
    if (q.next()) {
      history.series = series_of(q);
      history.series.last_at = q.maybe_wall();
    }
  }
  if (history.series.id != series_id)
    return fail(ErrorCode::not_found, fmt::format("there is no series {}", series_id));
  Line line;
  read_line(connection, series_id, filter, line);
  take_said(connection, line, history);
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
