#include <utility>

#include "api/tables.h"
#include "model/metric.h"

namespace dyno::api::tables {
namespace {

using enum ColumnType;
using results::Compared;

using Side = model::CellSummary Compared::*;

// The columns of one side, which differ by the first letter of their names.
struct SideNames {
  std::string_view value, n, low, high, validity, bound;
};

void add_side(std::vector<ColumnOf<Compared>>& columns, Side side, const SideNames& names) {
  const auto of = [side](const Compared& row) -> const model::Summary& { return (row.*side).summary; };
  columns.push_back({{names.value, number, "", "Centre of the trials' values"},
                     [of](const Compared& r) { return number_cell(of(r).value); }});
  columns.push_back({{names.n, integer, "", "Trials, or nights of a median"},
                     [of](const Compared& r) { return integer_cell(of(r).n); }});
  columns.push_back({{names.low, number, "", "Its 95 % interval, from six trials on"},
                     [of](const Compared& r) { return of(r).ci95 ? number_cell(of(r).ci95->low) : Cell(); }});
  columns.push_back({{names.high, number, "", "Its upper end"},
                     [of](const Compared& r) { return of(r).ci95 ? number_cell(of(r).ci95->high) : Cell(); }});
  columns.push_back({{names.validity, text, "", "valid, degraded, invalid"},
                     [of](const Compared& r) { return word_cell(of(r).validity); }});
  columns.push_back(
      {{names.bound, text, "", "What limited it"}, [of](const Compared& r) { return word_cell(of(r).bound); }});
}

// A row of a leaderboard, with what it is a row of.
struct PlacedRow {
  std::string phase;
  model::MetricName metric = model::MetricName::throughput_per_s;
  bool is_overall = false;
  results::BoardRow row;
};

}  // namespace

Table comparison(std::vector<Compared> rows) {
  using C = Compared;
  std::vector<ColumnOf<C>> columns{
      {{"case", text, "", "Case, of side b"}, [](const C& r) { return text_cell(r.b.summary.case_name); }},
      {{"stack", text, "", "Stack"}, [](const C& r) { return text_cell(r.b.stack); }},
      {{"phase", text, "", "Absent: a metric of the trial"}, [](const C& r) { return text_cell(r.b.summary.phase); }},
      {{"metric", text, "", "Metric"}, [](const C& r) { return word_cell(r.b.summary.metric); }},
      {{"unit", text, "", "Unit of both values"},
       [](const C& r) { return text_cell(model::metric_of(r.b.summary.metric).unit); }},
      {{"better", text, "", "higher, lower, neither"},
       [](const C& r) { return word_cell(model::metric_of(r.b.summary.metric).better); }},
  };
  add_side(columns, &C::a, {"a_value", "a_n", "a_ci95_low", "a_ci95_high", "a_validity", "a_bound"});
  add_side(columns, &C::b, {"b_value", "b_n", "b_ci95_low", "b_ci95_high", "b_validity", "b_bound"});
  const std::vector<ColumnOf<C>> effect{
      {{"design", text, "", "paired: by blocks of one run; unpaired"},
       [](const C& r) { return text_cell(r.design == stats::Design::paired ? "paired" : "unpaired"); }},
      {{"n", integer, "", "Pairs, or trials of the smaller side"},
       [](const C& r) { return r.factor ? integer_cell(r.factor->n) : Cell(); }},
      {{"ratio", number, "1", "b as a multiple of a"},
       [](const C& r) { return r.factor ? number_cell(r.factor->value) : Cell(); }},
      {{"ci95_low", number, "1", "Interval of the ratio, of its confidence"},
       [](const C& r) { return r.factor && r.factor->ci95 ? number_cell(r.factor->ci95->low) : Cell(); }},
      {{"ci95_high", number, "1", "Its upper end"},
       [](const C& r) { return r.factor && r.factor->ci95 ? number_cell(r.factor->ci95->high) : Cell(); }},
      {{"band_percent", number, "%", "A difference that is none in practice"},
       [](const C& r) { return number_cell(100 * r.band); }},
      {{"mde_percent", number, "%", "The least difference that 80 % of such comparisons decide"},
       [](const C& r) { return r.mde ? number_cell(100 * *r.mde) : Cell(); }},
      {{"decision", text, "", "better, worse, same, inconclusive; absent: neither is better"},
       [](const C& r) { return word_cell(r.decision); }},
      {{"doubt", text, "", "Why it is inconclusive"}, [](const C& r) { return word_cell(r.doubt); }},
      {{"confidence", number, "1", "Of the interval of the ratio: 0.95, or that of a look"},
       [](const C& r) { return r.factor && r.factor->ci95 ? number_cell(r.confidence) : Cell(); }},
  };
  columns.insert(columns.end(), effect.begin(), effect.end());
  return table_of<C>(std::move(columns), std::move(rows));
}

namespace {

// Whose figure it is, and its place.
std::vector<ColumnOf<PlacedRow>> placed_columns() {
  using R = PlacedRow;
  const auto is_ranked = [](const R& r) { return r.row.standing == results::Standing::ranked; };
  return {
      {{"overall", flag, "", "Geometric mean of several workloads"}, [](const R& r) { return Cell(r.is_overall); }},
      {{"phase", text, "", "Absent: a metric of the trial, or several workloads"},
       [](const R& r) { return text_cell(r.phase); }},
      {{"metric", text, "", "Metric"}, [](const R& r) { return word_cell(r.metric); }},
      {{"unit", text, "", "Unit of the value"}, [](const R& r) { return text_cell(model::metric_of(r.metric).unit); }},
      {{"better", text, "", "higher, lower"}, [](const R& r) { return word_cell(model::metric_of(r.metric).better); }},
      {{"case", text, "", "Case"}, [](const R& r) { return text_cell(r.row.who.case_name); }},
      {{"stack", text, "", "Stack"}, [](const R& r) { return text_cell(r.row.who.stack); }},
      {{"language", text, "", "Runtime of the stack"}, [](const R& r) { return text_cell(r.row.who.language); }},
      {{"class", text, "", "Class of the stack"}, [](const R& r) { return text_cell(r.row.who.stack_class); }},
      {{"mode", text, "", "single, scaled"},
       [](const R& r) { return text_cell(results::mode_of(r.row.who.case_name)); }},
      {{"standing", text, "", "ranked, apart, unranked"}, [](const R& r) { return word_cell(r.row.standing); }},
      {{"why", text, "", "Why it has no place"}, [](const R& r) { return word_cell(r.row.why); }},
      {{"rank_low", integer, "", "Best place that it may have"},
       [is_ranked](const R& r) { return is_ranked(r) ? integer_cell(r.row.best_place) : Cell(); }},
      {{"rank_high", integer, "", "Worst place that it may have"},
       [is_ranked](const R& r) { return is_ranked(r) ? integer_cell(r.row.worst_place) : Cell(); }},
      {{"group", integer, "", "Rows of one group are ties"},
       [is_ranked](const R& r) { return is_ranked(r) ? integer_cell(r.row.group) : Cell(); }},
  };
}

// The figure.
std::vector<ColumnOf<PlacedRow>> figure_columns() {
  using R = PlacedRow;
  const auto interval = [](const std::optional<model::Interval>& one, double model::Interval::*end) {
    return one ? number_cell((*one).*end) : Cell();
  };
  return {
      {{"value", number, "", "Centre of the trials' values; absent: of several workloads"},
       [](const R& r) { return r.is_overall ? Cell() : number_cell(r.row.summary.value); }},
      {{"n", integer, "", "Trials, or blocks of several workloads"},
       [](const R& r) { return integer_cell(r.row.summary.n); }},
      {{"nights", integer, "", "Nights that they are of"},
       [](const R& r) { return integer_cell(r.row.summary.nights); }},
      {{"nights_differ", flag, "", "More than chance: the night is the unit of the intervals"},
       [](const R& r) { return Cell(r.row.summary.nights_differ); }},
      {{"ci95_low", number, "", "Its 95 % interval, from six trials on"},
       [interval](const R& r) { return r.is_overall ? Cell() : interval(r.row.summary.ci95, &model::Interval::low); }},
      {{"ci95_high", number, "", "Its upper end"},
       [interval](const R& r) { return r.is_overall ? Cell() : interval(r.row.summary.ci95, &model::Interval::high); }},
      {{"validity", text, "", "valid, degraded, invalid"},
       [](const R& r) { return word_cell(r.row.summary.validity); }},
      {{"bound", text, "", "What limited it"}, [](const R& r) { return word_cell(r.row.summary.bound); }},
      {{"ratio", number, "1", "As a multiple of the first row"},
       [](const R& r) { return r.row.ratio ? number_cell(r.row.ratio->value) : Cell(); }},
      {{"ratio_ci95_low", number, "1", "95 % interval of the ratio"},
       [](const R& r) { return r.row.ratio && r.row.ratio->ci95 ? number_cell(r.row.ratio->ci95->low) : Cell(); }},
      {{"ratio_ci95_high", number, "1", "Its upper end"},
       [](const R& r) { return r.row.ratio && r.row.ratio->ci95 ? number_cell(r.row.ratio->ci95->high) : Cell(); }},
      {{"run", text, "", "Newest run of the figure"}, [](const R& r) { return text_cell(r.row.who.run_id); }},
      {{"at", instant, "", "When that was queued"}, [](const R& r) { return instant_cell(r.row.who.at); }},
  };
}

}  // namespace

Table leaderboard(wire::Leaderboard all) {
  std::vector<PlacedRow> rows;
  for (std::vector<results::Board>* const boards : {&all.boards, &all.overall}) {
    for (results::Board& board : *boards) {
      for (results::BoardRow& row : board.rows)
        rows.push_back({board.phase, board.metric, boards == &all.overall, std::move(row)});
    }
  }
  std::vector<ColumnOf<PlacedRow>> columns = placed_columns();
  const std::vector<ColumnOf<PlacedRow>> figure = figure_columns();
  columns.insert(columns.end(), figure.begin(), figure.end());
  return table_of<PlacedRow>(std::move(columns), std::move(rows));
}

Table series(std::vector<model::Series> all) {
  using S = model::Series;
  return table_of<S>(
      {
          {{"id", text, "", "Id"}, [](const S& s) { return text_cell(std::to_string(s.id)); }},
          {{"profile", text, "", "Profile"}, [](const S& s) { return text_cell(s.profile); }},
          {{"case", text, "", "Case"}, [](const S& s) { return text_cell(s.case_name); }},
          {{"stack", text, "", "Stack"}, [](const S& s) { return text_cell(s.stack); }},
          {{"phase", text, "", "Absent: a metric of the trial"}, [](const S& s) { return text_cell(s.phase); }},
          {{"metric", text, "", "Metric"}, [](const S& s) { return word_cell(s.metric); }},
          {{"unit", text, "", "Unit of its values"},
           [](const S& s) { return text_cell(model::metric_of(s.metric).unit); }},
          {{"last_at", instant, "", "When its newest run was queued"},
           [](const S& s) { return instant_cell(s.last_at); }},
      },
      std::move(all));
}

Table baselines(std::vector<model::Baseline> all) {
  using B = model::Baseline;
  return table_of<B>(
      {
          {{"name", text, "", "Name"}, [](const B& b) { return text_cell(b.name); }},
          {{"ref", text, "", "Run, or rule"}, [](const B& b) { return text_cell(b.ref); }},
          {{"profile", text, "", "Only runs of this load profile"}, [](const B& b) { return text_cell(b.profile); }},
          {{"schedule", text, "", "Only runs of this schedule"}, [](const B& b) { return text_cell(b.schedule); }},
          {{"stack", text, "", "Only runs with results of this stack"}, [](const B& b) { return text_cell(b.stack); }},
          {{"created_at", instant, "", "First stored"}, [](const B& b) { return instant_cell(b.created_at); }},
          {{"changed_at", instant, "", "Last stored"}, [](const B& b) { return instant_cell(b.changed_at); }},
      },
      std::move(all));
}

Table points(model::History history) {
  using P = model::Point;
  return table_of<P>(
      {
          {{"at", instant, "", "When the run was queued"}, [](const P& p) { return instant_cell(p.at); }},
          {{"run", text, "", "Run"}, [](const P& p) { return text_cell(p.run_id); }},
          {{"segment", integer, "", "Points of one segment can be compared; 0 first"},
           [](const P& p) { return integer_cell(p.segment); }},
          {{"n", integer, "", "Trials; 0: all were invalid"}, [](const P& p) { return integer_cell(p.n); }},
          {{"value", number, "", "Centre of the trials' values"}, [](const P& p) { return number_cell(p.value); }},
          {{"spread", text, "", "none, range (minimum and maximum), ci95 (95 % interval)"},
           [](const P& p) { return word_cell(p.spread); }},
          {{"low", number, "", "Lower end of the spread"},
           [](const P& p) { return p.spread == model::Spread::none ? Cell() : number_cell(p.low); }},
          {{"high", number, "", "Its upper end"},
           [](const P& p) { return p.spread == model::Spread::none ? Cell() : number_cell(p.high); }},
          {{"validity", text, "", "valid, degraded, invalid"}, [](const P& p) { return word_cell(p.validity); }},
          {{"bound", text, "", "What limited it"}, [](const P& p) { return word_cell(p.bound); }},
      },
      std::move(history.points));
}

}  // namespace dyno::api::tables
