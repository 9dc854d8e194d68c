#include "store/overview_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "results/overview.h"
#include "store/pool_rows.h"
#include "store/rows.h"
#include "store/summary_rows.h"

namespace dyno::store {
namespace {

constexpr auto kSelectOf = "SELECT schedule, profile, created_at_ns FROM run WHERE run_key = ?";
constexpr auto kPut = R"sql(
  INSERT OR REPLACE INTO run_overview (run_key, valid, degraded, invalid, winner_stack, winner_case, winner_phase, winner_metric,
                                       winner_value, winner_n, winner_cases, winner_is_clear, before_key, better, worse, same,
                                       inconclusive)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kSelectAll = R"sql(
  SELECT r.id, o.valid, o.degraded, o.invalid, o.winner_stack, o.winner_case, o.winner_phase, o.winner_metric, o.winner_value, o.winner_n,
         o.winner_cases, o.winner_is_clear, b.id, o.better, o.worse, o.same, o.inconclusive,
         r.imported_from, r.imported_at_ns, r.series_removed_at_ns
  FROM run r LEFT JOIN run_overview o ON o.run_key = r.run_key LEFT JOIN run b ON b.run_key = o.before_key WHERE r.id IN )sql";
// Those that were compared with the run, and those of its schedule behind it that it may be pooled with: thirty blocks, each at least one.
constexpr auto kSelectAfter = R"sql(
  SELECT run_key FROM run_overview WHERE before_key = ?1
  UNION
  SELECT run_key FROM (
    SELECT a.run_key FROM run r JOIN run a ON a.schedule = r.schedule AND a.profile = r.profile AND a.created_at_ns > r.created_at_ns
    WHERE r.run_key = ?1 AND a.summary_rules IS NOT NULL AND a.excluded IS NULL
      AND EXISTS (SELECT 1 FROM run_overview o WHERE o.run_key = a.run_key)
    ORDER BY a.created_at_ns LIMIT 30)
)sql";
constexpr auto kSelectWithout = R"sql(
  SELECT run_key FROM (SELECT run_key FROM run WHERE summary_rules IS NOT NULL ORDER BY created_at_ns DESC, id DESC LIMIT ?) r
  WHERE NOT EXISTS (SELECT 1 FROM run_overview o WHERE o.run_key = r.run_key)
)sql";

// The last run of the same schedule and profile that counts.
std::optional<PastRun> run_before(SQLite::Database& connection, std::int64_t run_key) {
  PastFilter filter;
  {
    Query q(connection, kSelectOf, run_key);
    if (!q.next()) return std::nullopt;
    const std::optional<std::string> schedule = q.maybe_text();
    if (!schedule) return std::nullopt;
    filter.schedules = {*schedule};
    filter.profiles = {q.text()};
    filter.before = q.wall();
  }
  std::vector<PastRun> runs = select_past_runs(connection, filter);
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

// The cells of the run, throughputs as the nights have them that are pooled with it: who is ahead is decided as everywhere else.
Result<std::vector<model::CellSummary>> with_nights(SQLite::Database& connection, std::int64_t run_key,
                                                    std::vector<model::CellSummary> cells) {
  const std::vector<PastRun> nights = select_pool(connection, past_run_of(connection, run_key));
  if (nights.size() == 1) return cells;
  CellFilter filter;
  filter.metrics = {std::string(model::to_string(model::MetricName::throughput_per_s))};
  Result<std::vector<model::CellSummary>> pooled = select_pooled(connection, nights, filter);
  if (!pooled) return fail(pooled.error());
  for (model::CellSummary& of_nights : *pooled) {
    const auto same = std::find_if(cells.begin(), cells.end(), [&](const model::CellSummary& cell) {
      return cell.summary.metric == of_nights.summary.metric && cell.summary.case_name == of_nights.summary.case_name &&
             cell.summary.phase == of_nights.summary.phase;
    });
    if (same != cells.end()) *same = std::move(of_nights);
  }
  return cells;
}

model::Winner winner_at(Query& q, std::string stack) {
  model::Winner winner;
  winner.stack = std::move(stack);
  winner.case_name = q.text();
  winner.phase = q.text();
  winner.metric = q.word<model::MetricName>();
  winner.value = q.real();
  winner.n = q.number();
  winner.cases = q.number();
  winner.is_clear = q.flag();
  return winner;
}

model::RunOverview overview_at(Query& q) {
  model::RunOverview all;
  constexpr int kOtherVerdicts = 2;
  constexpr int kOtherOfWinner = 7;
  constexpr int kOtherOfChange = 4;
  if (const auto valid = q.maybe_integer()) {
    all.verdicts = model::VerdictCounts{static_cast<int>(*valid), 0, 0};
    all.verdicts->degraded = q.number();
    all.verdicts->invalid = q.number();
  } else {
    q.skip(kOtherVerdicts);
  }
  if (auto stack = q.maybe_text()) all.winner = winner_at(q, std::move(*stack));
  else q.skip(kOtherOfWinner);
  if (auto before = q.maybe_text()) {
    model::ChangeCounts& change = all.change.emplace();
    change.before = std::move(*before);
    change.better = q.number();
    change.worse = q.number();
    change.same = q.number();
    change.inconclusive = q.number();
  } else {
    q.skip(kOtherOfChange);
  }
  if (auto from = q.maybe_text()) all.imported = model::Import{std::move(*from), q.wall()};
  else q.skip(1);
  all.series_removed_at = q.maybe_wall();
  return all;
}

}  // namespace

Status write_overview(SQLite::Database& connection, std::int64_t run_key) {
  const auto cells = select_cells(connection, run_key, {});
  if (!cells) return fail(cells.error());
  const model::VerdictCounts verdicts = results::verdicts_of(*cells);
  const auto decided = with_nights(connection, run_key, *cells);
  if (!decided) return fail(decided.error());
  const std::optional<model::Winner> winner = results::winner_of(*decided);
  const std::optional<PastRun> before = run_before(connection, run_key);
  model::ChangeCounts change;
  if (before) {
    const auto others = select_cells(connection, before->run_key, {});
    if (!others) return fail(others.error());
    change = results::change_of(*others, *cells);
  }
  const auto of_winner = [&](auto member) { return winner ? std::optional((*winner).*member) : std::nullopt; };
  using W = model::Winner;
  Query(connection, kPut, run_key, verdicts.valid, verdicts.degraded, verdicts.invalid, of_winner(&W::stack),
        of_winner(&W::case_name), of_winner(&W::phase), of_winner(&W::metric), of_winner(&W::value), of_winner(&W::n),
        of_winner(&W::cases), of_winner(&W::is_clear), before ? std::optional(before->run_key) : std::nullopt,
        change.better, change.worse, change.same, change.inconclusive)
      .run();
  return {};
}

Status rewrite_overviews_after(SQLite::Database& connection, std::int64_t run_key) {
  std::vector<std::int64_t> keys;
  {
    Query q(connection, kSelectAfter, run_key);
    while (q.next()) keys.push_back(q.integer());
  }
  for (const std::int64_t key : keys) {
    if (Status written = write_overview(connection, key); !written) return written;
  }
  return {};
}

std::map<std::string, model::RunOverview> select_overviews(SQLite::Database& connection,
                                                           const std::vector<std::string>& run_ids) {
  std::map<std::string, model::RunOverview> all;
  if (run_ids.empty()) return all;
  Query q(connection, fmt::format("{}({}) ORDER BY r.run_key", kSelectAll, marks(run_ids.size())));
  int i = 0;
  for (const std::string& id : run_ids) q.bind_at(++i, id);
  while (q.next()) {
    std::string id = q.text();
    all.emplace(std::move(id), overview_at(q));
  }
  return all;
}

std::vector<std::int64_t> select_without_overview(SQLite::Database& connection, int newest) {
  std::vector<std::int64_t> keys;
  Query q(connection, kSelectWithout, newest);
  while (q.next()) keys.push_back(q.integer());
  return keys;
}

}  // namespace dyno::store
