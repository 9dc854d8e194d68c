#include "store/trial_rows.h"

#include <algorithm>

#include "store/reading_rows.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kFindTrial = "SELECT trial_key, state, case_name FROM trial WHERE run_key = ? AND id = ?";

// A trial that is already there starts again from its beginning.
constexpr auto kPutTrial = R"sql(
  INSERT INTO trial (trial_key, id, run_key, plan_index, attempt, block, case_name, stack, kind, state, failure, reason, last_output,
                     started_at_ns, finished_at_ns, stop_ns, stop_forced)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', 'none', '', '', ?, NULL, NULL, 0)
  ON CONFLICT (trial_key) DO UPDATE SET
    id = excluded.id, run_key = excluded.run_key, plan_index = excluded.plan_index, attempt = excluded.attempt,
    block = excluded.block, case_name = excluded.case_name, stack = excluded.stack, kind = excluded.kind, state = 'running',
    failure = 'none', reason = '', last_output = '', started_at_ns = excluded.started_at_ns, finished_at_ns = NULL,
    stop_ns = NULL, stop_forced = 0
)sql";

constexpr auto kReplaceStartup = R"sql(
  REPLACE INTO startup (trial_key, kind, create_call_ns, start_call_ns, exec_ns, listen_ns, first_good_ns, first_deep_ns, sandbox_ns)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";

constexpr auto kReplaceMemory = R"sql(
  REPLACE INTO memory_reading (trial_key, moment, pss_bytes, private_bytes, docker_equivalent_bytes, cgroup_peak_bytes, event_id)
  VALUES (?, ?, ?, ?, ?, ?, ?)
)sql";

constexpr auto kUpdateFinished = R"sql(
  UPDATE trial SET state = ?, failure = ?, reason = ?, last_output = ?, finished_at_ns = ?, stop_ns = ?, stop_forced = ? WHERE trial_key = ?
)sql";

constexpr auto kInterruptTrials = R"sql(
  UPDATE trial SET state = 'interrupted', reason = ?, finished_at_ns = ? WHERE run_key = ? AND state = 'running'
)sql";

constexpr auto kTrialColumns = R"sql(
  SELECT t.trial_key, t.run_key, t.id, r.id, t.plan_index, t.block, t.attempt, t.case_name, t.stack, t.kind, t.state, t.failure, t.reason, t.last_output,
         t.started_at_ns, t.finished_at_ns, t.stop_ns, t.stop_forced
  FROM trial t JOIN run r ON r.run_key = t.run_key
)sql";

constexpr auto kSelectStartup = R"sql(
  SELECT kind, create_call_ns, start_call_ns, exec_ns, listen_ns, first_good_ns, first_deep_ns, sandbox_ns FROM startup WHERE trial_key = ?
)sql";

constexpr auto kSelectMemory = R"sql(
  SELECT moment, pss_bytes, private_bytes, docker_equivalent_bytes, cgroup_peak_bytes FROM memory_reading WHERE trial_key = ? ORDER BY moment
)sql";

constexpr auto kSelectPhaseNames = "SELECT name FROM phase WHERE trial_key = ? ORDER BY ordinal";

struct KeyedTrial {
  std::int64_t trial_key = 0;
  std::int64_t run_key = 0;
  model::Trial trial;
};

KeyedTrial trial_of(Query& q) {
  KeyedTrial keyed;
  model::Trial& trial = keyed.trial;
  keyed.trial_key = q.integer();
  keyed.run_key = q.integer();
  trial.id = q.text();
  trial.run_id = q.text();
  trial.index = q.number();
  trial.block = q.number();
  trial.attempt = q.number();
  trial.case_name = q.text();
  trial.stack = q.text();
  trial.kind = q.word<model::TrialKind>();
  trial.state = q.word<model::TrialState>();
  trial.failure = q.word<model::TrialFailure>();
  trial.reason = q.text();
  trial.last_output = q.text();
  trial.started_at = q.wall();
  trial.finished_at = q.maybe_wall();
  trial.stop = q.maybe_nanos();
  trial.stop_forced = q.flag();
  return keyed;
}

std::optional<model::StartupMarks> startup_of(SQLite::Database& connection, std::int64_t trial_key) {
  Query q(connection, kSelectStartup, trial_key);
  if (!q.next()) return std::nullopt;
  model::StartupMarks marks;
  marks.kind = q.word<model::StartKind>();
  marks.create_call = q.monotonic();
  marks.start_call = q.monotonic();
  marks.exec = q.maybe_monotonic();
  marks.listen = q.maybe_monotonic();
  marks.first_good = q.maybe_monotonic();
  marks.first_deep = q.maybe_monotonic();
  marks.sandbox = q.nanos();
  return marks;
}

void add_memory(SQLite::Database& connection, KeyedTrial& keyed) {
  Query q(connection, kSelectMemory, keyed.trial_key);
  while (q.next()) {
    const auto moment = q.word<model::MemoryMoment>();
    model::MemoryReading reading;
    reading.pss = q.maybe_bytes();
    reading.private_bytes = q.maybe_bytes();
    reading.docker_equivalent = q.maybe_bytes();
    reading.cgroup_peak = q.maybe_bytes();
    switch (moment) {
      case model::MemoryMoment::idle: keyed.trial.idle = reading; break;
      case model::MemoryMoment::retained: keyed.trial.retained = reading; break;
      case model::MemoryMoment::loaded: break;  // told by the phases
    }
  }
}

model::Trial complete(SQLite::Database& connection, KeyedTrial keyed, ReadingMap& readings) {
  StoredReadings& own = readings[{keyed.trial_key, kOfTrial}];
  keyed.trial.readings = std::move(own.readings);
  for (const model::GateResult& gate : own.gates)
    keyed.trial.verdict.validity = std::max(keyed.trial.verdict.validity, gate.validity);
  keyed.trial.verdict.gates = std::move(own.gates);
  keyed.trial.startup = startup_of(connection, keyed.trial_key);
  add_memory(connection, keyed);
  Query names(connection, kSelectPhaseNames, keyed.trial_key);
  while (names.next()) keyed.trial.phases.push_back(names.text());
  return std::move(keyed.trial);
}

}  // namespace

std::optional<TrialHead> find_trial(SQLite::Database& connection, std::int64_t run_key, const std::string& trial_id) {
  Query q(connection, kFindTrial, run_key, trial_id);
  if (!q.next()) return std::nullopt;
  TrialHead head;
  head.trial_key = q.integer();
  head.state = q.word<model::TrialState>();
  head.case_name = q.text();
  return head;
}

void put_trial(SQLite::Database& connection, std::int64_t trial_key, std::int64_t run_key, WallTime at,
               const model::TrialStarted& event) {
  const model::PlannedTrial& p = event.planned;
  Query(connection, kPutTrial, trial_key, event.trial_id, run_key, p.index, p.attempt, p.block, event.case_name,
        event.stack, p.kind, at)
      .run();
}

void replace_startup(SQLite::Database& connection, std::int64_t trial_key, const model::StartupMarks& m) {
  Query(connection, kReplaceStartup, trial_key, m.kind, m.create_call, m.start_call, m.exec, m.listen, m.first_good,
        m.first_deep, m.sandbox)
      .run();
}

void replace_memory(SQLite::Database& connection, std::int64_t trial_key, std::int64_t event_id,
                    const model::MemoryMeasured& event) {
  const model::MemoryReading& r = event.reading;
  Query(connection, kReplaceMemory, trial_key, event.moment, r.pss, r.private_bytes, r.docker_equivalent, r.cgroup_peak,
        event_id)
      .run();
}

void update_finished(SQLite::Database& connection, std::int64_t trial_key, WallTime at, const model::TrialFinished& e) {
  Query(connection, kUpdateFinished, e.state, e.failure, e.reason, e.last_output, at, e.stop, e.stop_forced, trial_key)
      .run();
  insert_readings(connection, trial_key, kOfTrial, e.readings, e.verdict.gates);
}

void interrupt_trials(SQLite::Database& connection, std::int64_t run_key, WallTime at, const std::string& reason) {
  Query(connection, kInterruptTrials, reason, at, run_key).run();
}

std::vector<model::Trial> select_trials(SQLite::Database& connection, std::int64_t run_key) {
  ReadingMap readings = select_readings(connection, {.run_key = run_key});
  Query q(connection, std::string(kTrialColumns) + "WHERE t.run_key = ? ORDER BY t.plan_index, t.attempt", run_key);
  std::vector<model::Trial> trials;
  while (q.next()) trials.push_back(complete(connection, trial_of(q), readings));
  return trials;
}

std::optional<model::Trial> select_trial(SQLite::Database& connection, const std::string& trial_id) {
  Query q(connection, std::string(kTrialColumns) + "WHERE t.id = ?", trial_id);
  if (!q.next()) return std::nullopt;
  KeyedTrial keyed = trial_of(q);
  ReadingMap readings = select_readings(connection, {.run_key = keyed.run_key, .trial_key = keyed.trial_key});
  return complete(connection, std::move(keyed), readings);
}

}  // namespace dyno::store
