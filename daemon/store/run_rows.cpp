#include "store/run_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include <unordered_map>

#include "store/clauses.h"
#include "store/mark_rows.h"
#include "store/reader.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kFindRun = "SELECT run_key, state FROM run WHERE id = ?";

// A run that is already there starts again from its beginning.
constexpr auto kPutRun = R"sql(
  INSERT INTO run (id, state, trigger, schedule, nominal_at_ns, profile, profile_hash, seed, note, blocks, created_at_ns, started_at_ns,
                   finished_at_ns, reason, environment_key, expected_ns, measured_ns, co_located, job_hash, retry_of)
  VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, '', '', 0, 0, 0, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, trigger = excluded.trigger, schedule = excluded.schedule, nominal_at_ns = excluded.nominal_at_ns,
    profile = excluded.profile, profile_hash = excluded.profile_hash, seed = excluded.seed, note = excluded.note,
    blocks = excluded.blocks, created_at_ns = excluded.created_at_ns, started_at_ns = NULL, finished_at_ns = NULL, reason = '',
    environment_key = '', expected_ns = 0, measured_ns = 0, co_located = 0, job_hash = excluded.job_hash, retry_of = excluded.retry_of,
    resumed = 0, stalled = 0
  RETURNING run_key
)sql";

constexpr auto kInsertStack = R"sql(
  INSERT INTO run_stack (run_key, ordinal, name, title, runtime, stack_class, hash, image_id, base_kind, bases, image_bytes, build_ns,
                         reported_version, failure)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";

constexpr auto kUpdateStack = R"sql(
  UPDATE run_stack SET title = ?, runtime = ?, stack_class = ?, hash = ?, image_id = ?, base_kind = ?, bases = ?, image_bytes = ?,
                       build_ns = ?, reported_version = ?, failure = ?
  WHERE run_key = ? AND name = ?
)sql";

// No end before its beginning, whatever became of the clock. What is absent stays so: max() of NULL is NULL.
constexpr auto kUpdateState = R"sql(
  UPDATE run SET state = ?1, reason = ?2, started_at_ns = coalesce(started_at_ns, max(?3, created_at_ns)),
                 finished_at_ns = max(?4, coalesce(started_at_ns, created_at_ns))
  WHERE run_key = ?5
)sql";

constexpr auto kQueueAgain =
    "UPDATE run SET state = 'queued', reason = ?, resumed = resumed + 1, stalled = stalled + 1 WHERE run_key = ?";
constexpr auto kClearStalled = "UPDATE run SET stalled = 0 WHERE run_key = ?";

constexpr auto kDeleteFacts = "DELETE FROM environment_fact WHERE run_key = ?";
constexpr auto kDeleteWarnings = "DELETE FROM run_warning WHERE run_key = ?";
constexpr auto kInsertFact =
    "INSERT INTO environment_fact (run_key, ordinal, name, value, in_key) VALUES (?, ?, ?, ?, ?)";
constexpr auto kInsertWarning =
    "INSERT INTO run_warning (run_key, ordinal, gate, validity, text) VALUES (?, ?, ?, ?, ?)";
constexpr auto kUpdateEnvironmentKey = "UPDATE run SET environment_key = ? WHERE run_key = ?";
constexpr auto kUpdatePlan = "UPDATE run SET expected_ns = ?, co_located = ? WHERE run_key = ?";
constexpr auto kAddMeasured = "UPDATE run SET measured_ns = measured_ns + ? WHERE run_key = ?";

constexpr auto kRunColumns = R"sql(
  SELECT run_key, id, state, trigger, schedule, nominal_at_ns, profile, profile_hash, seed, note, blocks, created_at_ns, started_at_ns,
         finished_at_ns, reason, environment_key, expected_ns, measured_ns, co_located, resumed, stalled, retry_of,
         coalesce(own_note, note), pinned, excluded
  FROM run
)sql";

// Of several runs; the list of their keys and the order are added.
constexpr auto kSelectStacks = R"sql(
  SELECT run_key, name, title, runtime, stack_class, hash, image_id, base_kind, bases, image_bytes, build_ns, reported_version, failure
  FROM run_stack WHERE run_key IN )sql";

// The build time is that of the run which built this very image; runs after it found the image there.
constexpr auto kSelectLastImage = R"sql(
  SELECT s.image_id, s.base_kind, s.image_bytes, r.id,
         (SELECT b.build_ns FROM run_stack b
          WHERE b.name = s.name AND b.image_id = s.image_id AND b.build_ns IS NOT NULL ORDER BY b.run_key DESC LIMIT 1)
  FROM run_stack s JOIN run r ON r.run_key = s.run_key
  WHERE s.name = ? AND s.image_bytes IS NOT NULL AND r.imported_from IS NULL ORDER BY s.run_key DESC LIMIT 1
)sql";

constexpr auto kSelectWarnings = "SELECT run_key, gate, validity, text FROM run_warning WHERE run_key IN ";
constexpr auto kSelectFacts = "SELECT name, value, in_key FROM environment_fact WHERE run_key = ? ORDER BY ordinal";

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

struct KeyedRun {
  std::int64_t run_key = 0;
  model::Run run;
};

KeyedRun run_of(Query& q) {
  KeyedRun keyed;
  model::Run& run = keyed.run;
  keyed.run_key = q.integer();
  run.id = q.text();
  run.state = q.word<model::RunState>();
  run.request.trigger = q.word<model::Trigger>();
  run.request.schedule = q.maybe_text().value_or("");
  run.request.nominal_at = q.maybe_wall();
  run.request.profile = q.text();
  run.profile_hash = q.text();
  run.request.seed = static_cast<std::uint64_t>(q.integer());
  run.request.note = q.text();
  run.blocks = q.number();
  run.created_at = q.wall();
  run.started_at = q.maybe_wall();
  run.finished_at = q.maybe_wall();
  run.reason = q.text();
  run.environment.key = q.text();
  run.expected = q.nanos();
  run.measured = q.nanos();
  run.co_located = q.flag();
  run.resumed = q.number();
  run.stalled = q.number();
  run.request.retry_of = q.maybe_text().value_or("");
  run.marks.note = q.text();
  run.marks.pinned = q.flag();
  run.marks.excluded = q.maybe_text();
  return keyed;
}

model::RunStack stack_of(Query& q) {
  model::RunStack stack;
  stack.name = q.text();
  stack.title = q.text();
  stack.runtime = q.text();
  stack.stack_class = q.text();
  stack.hash = q.text();
  stack.image_id = q.text();
  stack.base_kind = q.text();
  stack.bases = q.text();
  stack.image_bytes = q.maybe_bytes();
  stack.build = q.maybe_nanos();
  stack.reported_version = q.text();
  stack.failure = q.text();
  return stack;
}

Query select_of_runs(SQLite::Database& connection, const char* sql, const std::vector<KeyedRun>& runs) {
  Query q(connection, fmt::format("{}({}) ORDER BY run_key, ordinal", sql, marks(runs.size())));
  int i = 0;
  for (const KeyedRun& one : runs) q.bind_at(++i, one.run_key);
  return q;
}

// A page of runs takes three statements, however many they are.
void add_parts(SQLite::Database& connection, std::vector<KeyedRun>& runs) {
  if (runs.empty()) return;
  std::unordered_map<std::int64_t, model::Run*> by_key;
  for (KeyedRun& one : runs) by_key[one.run_key] = &one.run;
  Query stacks = select_of_runs(connection, kSelectStacks, runs);
  while (stacks.next()) {
    model::Run& run = *by_key.at(stacks.integer());
    run.stacks.push_back(stack_of(stacks));
    run.request.stacks.push_back(run.stacks.back().name);
  }
  Query warnings = select_of_runs(connection, kSelectWarnings, runs);
  while (warnings.next()) {
    model::GateResult& warning = by_key.at(warnings.integer())->warnings.emplace_back();
    warning.gate = warnings.word<model::GateName>();
    warning.validity = warnings.word<model::Validity>();
    warning.text = warnings.text();
  }
  std::vector<std::int64_t> keys;
  keys.reserve(runs.size());
  for (const KeyedRun& one : runs) keys.push_back(one.run_key);
  for (auto& [key, tags] : select_tags(connection, keys)) by_key.at(key)->marks.tags = std::move(tags);
}

// Of the last whole run of the same work that was not cut off.
constexpr auto kSelectDuration = R"sql(
  SELECT finished_at_ns - started_at_ns FROM run r
  WHERE state = 'succeeded' AND resumed = 0 AND imported_from IS NULL AND profile_hash = ? AND blocks = ? AND
        (SELECT group_concat(name) FROM (SELECT name FROM run_stack s WHERE s.run_key = r.run_key ORDER BY name)) = ?
  ORDER BY created_at_ns DESC, id DESC LIMIT 1
)sql";

Clauses clauses_of(const RunFilter& filter) {
  Clauses sql(std::string(kRunColumns) + "WHERE 1 = 1");
  std::vector<std::string> states;
  states.reserve(filter.states.size());
  for (const model::RunState state : filter.states) states.emplace_back(model::to_string(state));
  sql.among("state", states);
  if (!filter.stacks.empty()) {
    sql.add(" AND EXISTS (SELECT 1 FROM run_stack s WHERE s.run_key = run.run_key");
    sql.among("s.name", filter.stacks);
    sql.add(")");
  }
  if (!filter.tags.empty()) {
    sql.add(" AND run_key IN (SELECT run_key FROM run_tag t WHERE 1 = 1");
    sql.among("t.tag", filter.tags);
    sql.add(")");
  }
  // Written out, so that the partial indexes serve them.
  if (filter.pinned) sql.add(*filter.pinned ? " AND pinned = 1" : " AND pinned = 0");
  if (filter.excluded) sql.add(*filter.excluded ? " AND excluded IS NOT NULL" : " AND excluded IS NULL");
  if (filter.schedule) sql.add(" AND schedule = ?", *filter.schedule);
  if (filter.since) sql.add(" AND created_at_ns >= ?", *filter.since);
  if (filter.after) sql.add(" AND (created_at_ns, id) < (?, ?)", filter.after->created_at, filter.after->id);
  sql.add(" ORDER BY created_at_ns DESC, id DESC LIMIT ?", filter.limit);
  return sql;
}

}  // namespace

std::optional<RunHead> find_run(SQLite::Database& connection, const std::string& run_id) {
  Query q(connection, kFindRun, run_id);
  if (!q.next()) return std::nullopt;
  RunHead head;
  head.run_key = q.integer();
  head.state = q.word<model::RunState>();
  return head;
}

std::int64_t put_run(SQLite::Database& connection, const std::string& run_id, WallTime at,
                     const model::RunQueued& event) {
  const model::RunRequest& r = event.request;
  Query put(connection, kPutRun, run_id, r.trigger, unless_empty(r.schedule), r.nominal_at, r.profile,
            event.profile_hash, static_cast<std::int64_t>(r.seed), r.note, event.blocks, at,
            unless_empty(event.job_hash), unless_empty(r.retry_of));
  put.next();
  return put.integer();
}

void insert_stacks(SQLite::Database& connection, std::int64_t run_key, const std::vector<model::RunStack>& stacks) {
  int ordinal = 0;
  for (const model::RunStack& s : stacks) {
    Query(connection, kInsertStack, run_key, ordinal++, s.name, s.title, s.runtime, s.stack_class, s.hash, s.image_id,
          s.base_kind, s.bases, s.image_bytes, s.build, s.reported_version, s.failure)
        .run();
  }
}

void update_state(SQLite::Database& connection, std::int64_t run_key, WallTime at,
                  const model::RunStateChanged& event) {
  std::optional<WallTime> started;  // a run that ends while it waits never started
  std::optional<WallTime> finished;
  (model::is_terminal(event.state) ? finished : started) = at;
  Query(connection, kUpdateState, event.state, event.reason, started, finished, run_key).run();
}

void queue_again(SQLite::Database& connection, std::int64_t run_key, const std::string& reason) {
  Query(connection, kQueueAgain, reason, run_key).run();
}

void clear_stalled(SQLite::Database& connection, std::int64_t run_key) {
  Query(connection, kClearStalled, run_key).run();
}

void replace_environment(SQLite::Database& connection, std::int64_t run_key, const model::EnvironmentRecorded& event) {
  Query(connection, kDeleteFacts, run_key).run();
  Query(connection, kDeleteWarnings, run_key).run();
  Query(connection, kUpdateEnvironmentKey, event.environment.key, run_key).run();
  int ordinal = 0;
  for (const model::Fact& fact : event.environment.facts) {
    Query(connection, kInsertFact, run_key, ordinal++, fact.name, fact.value, fact.in_key).run();
  }
  ordinal = 0;
  for (const model::GateResult& w : event.warnings) {
    Query(connection, kInsertWarning, run_key, ordinal++, w.gate, w.validity, w.text).run();
  }
}

void update_plan(SQLite::Database& connection, std::int64_t run_key, const model::PlanMade& event) {
  Query(connection, kUpdatePlan, event.expected, event.co_located, run_key).run();
}

void add_measured(SQLite::Database& connection, std::int64_t run_key, Nanos measured) {
  Query(connection, kAddMeasured, measured, run_key).run();
}

bool update_stack(SQLite::Database& connection, std::int64_t run_key, const model::RunStack& s) {
  return Query(connection, kUpdateStack, s.title, s.runtime, s.stack_class, s.hash, s.image_id, s.base_kind, s.bases,
               s.image_bytes, s.build, s.reported_version, s.failure, run_key, s.name)
             .run() == 1;
}

std::optional<model::LastImage> select_last_image(SQLite::Database& connection, const std::string& stack) {
  Query q(connection, kSelectLastImage, stack);
  if (!q.next()) return std::nullopt;
  model::LastImage image;
  image.image_id = q.text();
  image.base_kind = q.text();
  image.bytes = Bytes{q.integer()};
  image.run_id = q.text();
  image.build = q.maybe_nanos();
  return image;
}

std::optional<Nanos> select_duration(SQLite::Database& connection, const model::Run& run) {
  std::vector<std::string> names;
  for (const model::RunStack& stack : run.stacks) names.push_back(stack.name);
  std::sort(names.begin(), names.end());
  Query q(connection, kSelectDuration, run.profile_hash, run.blocks, fmt::format("{}", fmt::join(names, ",")));
  if (!q.next()) return std::nullopt;
  return q.nanos();
}

std::vector<model::Run> select_runs(SQLite::Database& connection, const RunFilter& filter) {
  Query q = clauses_of(filter).query(connection);
  std::vector<KeyedRun> keyed;
  while (q.next()) keyed.push_back(run_of(q));
  add_parts(connection, keyed);
  std::vector<model::Run> runs;
  runs.reserve(keyed.size());
  for (KeyedRun& one : keyed) runs.push_back(std::move(one.run));
  return runs;
}

std::optional<model::Run> select_run(SQLite::Database& connection, const std::string& run_id) {
  Query q(connection, std::string(kRunColumns) + "WHERE id = ?", run_id);
  if (!q.next()) return std::nullopt;
  std::vector<KeyedRun> keyed;
  keyed.push_back(run_of(q));
  add_parts(connection, keyed);
  model::Run& run = keyed.front().run;
  Query facts(connection, kSelectFacts, keyed.front().run_key);
  while (facts.next()) {
    model::Fact& fact = run.environment.facts.emplace_back();
    fact.name = facts.text();
    fact.value = facts.text();
    fact.in_key = facts.flag();
  }
  return std::move(run);
}

}  // namespace dyno::store
