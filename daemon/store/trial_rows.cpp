#include "store/trial_rows.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "store/clauses.h"
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
  UPDATE trial SET state = ?, failure = ?, reason = ?, last_output = ?, finished_at_ns = max(?, started_at_ns), stop_ns = ?, stop_forced = ? WHERE trial_key = ?
)sql";

constexpr auto kInterruptTrials = R"sql(
  UPDATE trial SET state = 'interrupted', reason = ?, finished_at_ns = max(?, started_at_ns) WHERE run_key = ? AND state = 'running'
)sql";

constexpr auto kTrialColumns = R"sql(
  SELECT t.trial_key, t.run_key, t.id, r.id, t.plan_index, t.block, t.attempt, t.case_name, t.stack, t.kind, t.state, t.failure, t.reason, t.last_output,
         t.started_at_ns, t.finished_at_ns, t.stop_ns, t.stop_forced
  FROM trial t JOIN run r ON r.run_key = t.run_key
)sql";

constexpr auto kSelectEnds =
    "SELECT case_name, block, kind, state FROM trial WHERE run_key = ? ORDER BY plan_index, attempt";

// Of one trial, or of all of the run where its key is 0: a run of a thousand trials is read by as many statements as one.
#define DYNO_OF_TRIALS " WHERE t.run_key = ?1 AND (?2 = 0 OR t.trial_key = ?2)"
constexpr auto kSelectStartup = R"sql(
  SELECT s.trial_key, s.kind, s.create_call_ns, s.start_call_ns, s.exec_ns, s.listen_ns, s.first_good_ns, s.first_deep_ns, s.sandbox_ns
  FROM trial t JOIN startup s ON s.trial_key = t.trial_key
)sql" DYNO_OF_TRIALS;
constexpr auto kSelectMemory = R"sql(
  SELECT m.trial_key, m.moment, m.pss_bytes, m.private_bytes, m.docker_equivalent_bytes, m.cgroup_peak_bytes
  FROM trial t JOIN memory_reading m ON m.trial_key = t.trial_key
)sql" DYNO_OF_TRIALS;
constexpr auto kSelectPhaseNames = R"sql(
  SELECT p.trial_key, p.name FROM trial t JOIN phase p ON p.trial_key = t.trial_key
)sql" DYNO_OF_TRIALS " ORDER BY p.trial_key, p.ordinal";
#undef DYNO_OF_TRIALS

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

model::StartupMarks startup_of(Query& q) {
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

void add_memory(Query& q, model::Trial& trial) {
  const auto moment = q.word<model::MemoryMoment>();
  model::MemoryReading reading;
  reading.pss = q.maybe_bytes();
  reading.private_bytes = q.maybe_bytes();
  reading.docker_equivalent = q.maybe_bytes();
  reading.cgroup_peak = q.maybe_bytes();
  switch (moment) {
    case model::MemoryMoment::idle: trial.idle = reading; break;
    case model::MemoryMoment::retained: trial.retained = reading; break;
    case model::MemoryMoment::loaded: break;  // told by the phases
  }
}

void add_readings(KeyedTrial& keyed, ReadingMap& readings) {
  StoredReadings& own = readings[{keyed.trial_key, kOfTrial}];
  keyed.trial.readings = std::move(own.readings);
  for (const model::GateResult& gate : own.gates)
    keyed.trial.verdict.validity = std::max(keyed.trial.verdict.validity, gate.validity);
  keyed.trial.verdict.gates = std::move(own.gates);
}

// Adds what stands in other tables. All are of the run that is selected; where a trial is selected as well, it is the only one.
std::vector<model::Trial> complete(SQLite::Database& connection, std::vector<KeyedTrial> keyed,
                                   const ReadingSelection& selection) {
  if (keyed.empty()) return {};
  ReadingMap readings = select_readings(connection, selection);
  std::unordered_map<std::int64_t, model::Trial*> by_key;
  for (KeyedTrial& one : keyed) {
    add_readings(one, readings);
    by_key[one.trial_key] = &one.trial;
  }
  // The rows are those of all trials of the run, some of which nobody may have asked for.
  const auto each = [&](const char* sql, const std::function<void(Query&, model::Trial&)>& add) {
    Query q(connection, sql, selection.run_key, selection.trial_key);
    while (q.next()) {
      const auto found = by_key.find(q.integer());
      if (found != by_key.end()) add(q, *found->second);
    }
  };
  each(kSelectStartup, [](Query& q, model::Trial& trial) { trial.startup = startup_of(q); });
  each(kSelectMemory, add_memory);
  each(kSelectPhaseNames, [](Query& q, model::Trial& trial) { trial.phases.push_back(q.text()); });
  std::vector<model::Trial> trials;
  trials.reserve(keyed.size());
  for (KeyedTrial& one : keyed) trials.push_back(std::move(one.trial));
  return trials;
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

std::vector<model::Trial> select_trials(SQLite::Database& connection, std::int64_t run_key,
                                        const TrialSelection& selection) {
  std::vector<std::string> states;
  for (const model::TrialState state : selection.states) states.emplace_back(model::to_string(state));
  Clauses sql(std::string(kTrialColumns) + "WHERE t.run_key = ?", run_key);
  sql.among("t.state", states);
  sql.among("t.case_name", selection.cases);
  sql.add(" ORDER BY t.plan_index, t.attempt");
  Query q = sql.query(connection);
  std::vector<KeyedTrial> keyed;
  while (q.next()) keyed.push_back(trial_of(q));
  return complete(connection, std::move(keyed), {.run_key = run_key, .metrics = selection.metrics});
}

std::optional<model::Trial> select_trial(SQLite::Database& connection, const std::string& trial_id) {
  Query q(connection, std::string(kTrialColumns) + "WHERE t.id = ?", trial_id);
  if (!q.next()) return std::nullopt;
  std::vector<KeyedTrial> keyed;
  keyed.push_back(trial_of(q));
  const std::int64_t run_key = keyed.front().run_key;
  const std::int64_t trial_key = keyed.front().trial_key;
  const ReadingSelection whole{.run_key = run_key, .trial_key = trial_key};
  return std::move(complete(connection, std::move(keyed), whole).front());
}

std::vector<results::TrialMetrics> select_ends(SQLite::Database& connection, std::int64_t run_key) {
  Query q(connection, kSelectEnds, run_key);
  std::vector<results::TrialMetrics> ends;
  while (q.next()) {
    results::TrialMetrics& trial = ends.emplace_back();
    trial.case_name = q.text();
    trial.block = q.number();
    trial.kind = q.word<model::TrialKind>();
    trial.state = q.word<model::TrialState>();
  }
  return ends;
}

}  // namespace dyno::store
