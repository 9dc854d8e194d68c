#include "store/event_rows.h"

#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kInsertEvent = R"sql(
  INSERT INTO event (run_key, at_ns, kind, trial_key, step, phase, text, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
)sql";

constexpr auto kInsertProgress = R"sql(
  INSERT INTO event_progress (event_id, block, blocks, case_name, step, phase, done_ratio, eta_at_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
)sql";

#define DYNO_PROGRESS_COLUMNS "p.block, p.blocks, p.case_name, p.step, p.phase, p.done_ratio, p.eta_at_ns"

// One statement with and one without a run, so that each walks its own index.
#define DYNO_SELECT_EVENTS                                                                           \
  "SELECT e.id, r.id, e.at_ns, e.kind, t.id, t.case_name, e.step, e.phase, e.text, e.state, "        \
  "p.event_id, " DYNO_PROGRESS_COLUMNS                                                               \
  " FROM event e JOIN run r ON r.run_key = e.run_key LEFT JOIN trial t ON t.trial_key = e.trial_key" \
  " LEFT JOIN event_progress p ON p.event_id = e.id "
constexpr auto kSelectEvents = DYNO_SELECT_EVENTS "WHERE e.id > ? ORDER BY e.id LIMIT ?";
constexpr auto kSelectEventsOfRun =
    DYNO_SELECT_EVENTS "WHERE e.id > ? AND e.run_key = (SELECT run_key FROM run WHERE id = ?) ORDER BY e.id LIMIT ?";

constexpr auto kSelectProgress =
    "SELECT " DYNO_PROGRESS_COLUMNS
    " FROM event e JOIN event_progress p ON p.event_id = e.id WHERE e.run_key = ? ORDER BY e.id DESC LIMIT 1";
#undef DYNO_SELECT_EVENTS
#undef DYNO_PROGRESS_COLUMNS

constexpr auto kSelectLastEvent = "SELECT coalesce(max(id), 0) FROM event";
constexpr auto kSelectBeforeLast = "SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET ?";
constexpr auto kSelectBeforeLastOfRun =
    "SELECT id FROM event WHERE run_key = (SELECT run_key FROM run WHERE id = ?) ORDER BY id DESC LIMIT 1 OFFSET ?";

struct Flatten {
  model::EventRow& row;

  void operator()(const model::RunQueued&) const { row.state = model::RunState::queued; }
  void operator()(const model::RunStateChanged& e) const { row.state = e.state; }
  void operator()(const model::RunResumed&) const { row.state = model::RunState::queued; }
  void operator()(const model::EnvironmentRecorded&) const {}
  void operator()(const model::PlanMade&) const {}
  void operator()(const model::StackPrepared&) const {}
  void operator()(const model::ServicePrepared&) const {}
  void operator()(const model::BuildLogged&) const {}
  void operator()(const model::TrialStarted& e) const {
    row.trial_id = e.trial_id;
    row.case_name = e.case_name;
  }
  void operator()(const model::TrialStepped& e) const {
    row.trial_id = e.trial_id;
    row.step = model::to_string(e.step);
    row.phase = e.phase;
    row.progress = e.progress;
  }
  void operator()(const model::ServiceReset& e) const { row.trial_id = e.trial_id; }
  void operator()(const model::StartupMeasured& e) const { row.trial_id = e.trial_id; }
  void operator()(const model::MemoryMeasured& e) const { row.trial_id = e.trial_id; }
  void operator()(const model::PhaseFinished& e) const {
    row.trial_id = e.trial_id;
    row.phase = e.result.phase;
  }
  void operator()(const model::TrialFinished& e) const { row.trial_id = e.trial_id; }
  void operator()(const model::ComparisonLooked&) const {}
};

model::Progress progress_of(Query& q) {
  model::Progress progress;
  progress.block = q.number();
  progress.blocks = q.number();
  progress.case_name = q.text();
  progress.step = q.text();
  progress.phase = q.text();
  progress.done_ratio = q.real();
  progress.eta_at = q.maybe_wall();
  return progress;
}

model::EventRow event_of(Query& q) {
  model::EventRow row;
  row.id = q.integer();
  row.run_id = q.text();
  row.at = q.wall();
  row.kind = q.text();
  row.trial_id = q.maybe_text().value_or("");
  row.case_name = q.maybe_text().value_or("");
  row.step = q.text();
  row.phase = q.text();
  row.text = q.text();
  row.state = q.maybe_word<model::RunState>();
  if (q.maybe_integer()) row.progress = progress_of(q);
  return row;
}

}  // namespace

model::EventRow flat_row(const std::string& run_id, WallTime at, const model::RunEvent& event) {
  model::EventRow row;
  row.run_id = run_id;
  row.at = at;
  row.kind = model::kind_of(event);
  row.text = model::describe(event);
  std::visit(Flatten{row}, event);
  return row;
}

std::int64_t insert_event(SQLite::Database& connection, std::int64_t run_key, std::optional<std::int64_t> trial_key,
                          const model::EventRow& row) {
  Query insert(connection, kInsertEvent, run_key, row.at, row.kind, trial_key, row.step, row.phase, row.text,
               row.state);
  insert.next();
  return insert.integer();
}

void insert_progress(SQLite::Database& connection, std::int64_t event_id, const model::Progress& p) {
  Query(connection, kInsertProgress, event_id, p.block, p.blocks, p.case_name, p.step, p.phase, p.done_ratio, p.eta_at)
      .run();
}

std::vector<model::EventRow> select_events(SQLite::Database& connection, std::int64_t since, const std::string& run_id,
                                           int limit) {
  Query q = run_id.empty() ? Query(connection, kSelectEvents, since, limit)
                           : Query(connection, kSelectEventsOfRun, since, run_id, limit);
  std::vector<model::EventRow> rows;
  while (q.next()) rows.push_back(event_of(q));
  return rows;
}

std::optional<model::Progress> select_progress(SQLite::Database& connection, std::int64_t run_key) {
  Query q(connection, kSelectProgress, run_key);
  if (!q.next()) return std::nullopt;
  return progress_of(q);
}

std::int64_t select_last_event(SQLite::Database& connection) {
  Query q(connection, kSelectLastEvent);
  q.next();
  return q.integer();
}

std::int64_t select_before_last(SQLite::Database& connection, const std::string& run_id, int count) {
  Query q = run_id.empty() ? Query(connection, kSelectBeforeLast, count)
                           : Query(connection, kSelectBeforeLastOfRun, run_id, count);
  return q.next() ? q.integer() : 0;
}

}  // namespace dyno::store
