#include "store/run_repository.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "store/event_rows.h"
#include "store/fire_rows.h"
#include "store/rows.h"
#include "store/run_rows.h"
#include "store/trial_rows.h"

namespace dyno::store {
namespace {

constexpr Nanos kKeyKept = std::chrono::hours(24);
constexpr auto kCutShort = "the daemon ended while the run was under way";

constexpr auto kForgetKeys = "DELETE FROM request_key WHERE created_at_ns < ?";
constexpr auto kFindKey =
    "SELECT k.body_hash, r.id FROM request_key k JOIN run r ON r.run_key = k.run_key WHERE k.key = ? AND "
    "k.created_at_ns >= ?";
constexpr auto kInsertKey = "INSERT INTO request_key (key, body_hash, run_key, created_at_ns) VALUES (?, ?, ?, ?)";
constexpr auto kSelectOpenRuns =
    "SELECT run_key, id, state FROM run WHERE finished_at_ns IS NULL ORDER BY created_at_ns, id";

model::Run queued_run(const NewRun& asked, WallTime now) {
  model::Run run;
  run.id = new_id(now);
  run.request = asked.request;
  run.profile_hash = asked.profile_hash;
  run.blocks = asked.blocks;
  run.created_at = now;
  run.co_located = asked.co_located;
  for (const std::string& name : asked.request.stacks) {
    const auto known = std::find_if(asked.stacks.begin(), asked.stacks.end(),
                                    [&](const model::RunStack& s) { return s.name == name; });
    run.stacks.push_back(known == asked.stacks.end() ? model::RunStack{} : *known);
    run.stacks.back().name = name;
  }
  return run;
}

// Stores the run and the first row of its story.
std::int64_t insert_queued(SQLite::Database& connection, const model::Run& run, model::EventRow& row) {
  const std::int64_t run_key = insert_run(connection, run);
  row = flat_row(run.id, run.created_at, model::RunStateChanged{model::RunState::queued, {}});
  row.id = insert_event(connection, run_key, std::nullopt, row);
  return run_key;
}

// The run that an earlier request with this key has made, if any.
Result<std::optional<std::string>> find_key(SQLite::Database& connection, const RequestKey& key, WallTime now) {
  Query q(connection, kFindKey, key.key, now - kKeyKept);
  if (!q.next()) return std::nullopt;
  if (q.text() != key.body_hash)
    return fail(ErrorCode::invalid_argument, "this Idempotency-Key came before with another body");
  return q.text();
}

std::string overlap_of(const model::Schedule& schedule, const OpenRuns& open) {
  switch (schedule.overlap) {
    case model::OverlapPolicy::skip:
      return open.under_way + open.queued > 0 ? "the schedule's run before has not ended" : "";
    case model::OverlapPolicy::queue: return open.queued > 0 ? "a run of the schedule waits in the queue already" : "";
  }
  return {};
}

}  // namespace

Result<Enqueued> RunRepository::enqueue(const NewRun& asked, WallTime now, const std::optional<RequestKey>& key) {
  const model::Run run = queued_run(asked, now);
  Enqueued result{run.id, false};
  model::EventRow row;
  const auto work = [&](SQLite::Database& connection) -> Status {
    if (key) {
      Query(connection, kForgetKeys, now - kKeyKept).run();
      const Result<std::optional<std::string>> known = find_key(connection, *key, now);
      if (!known) return fail(known.error());
      if (*known) {
        result = {**known, true};
        return {};
      }
    }
    const std::int64_t run_key = insert_queued(connection, run, row);
    if (key) Query(connection, kInsertKey, key->key, key->body_hash, run_key, now).run();
    return {};
  };
  const Status stored = database_.write("queueing a run", work, [&] {
    if (!result.repeated) feed_.post(row);
  });
  if (!stored) return fail(stored.error());
  return result;
}

Result<std::optional<std::string>> RunRepository::earlier(const RequestKey& key, WallTime now) const {
  std::optional<std::string> run_id;
  const Status read = database_.read("looking for a repeated request", [&](SQLite::Database& connection) -> Status {
    Result<std::optional<std::string>> found = find_key(connection, key, now);
    if (!found) return fail(found.error());
    run_id = std::move(*found);
    return {};
  });
  if (!read) return fail(read.error());
  return run_id;
}

Result<std::string> RunRepository::fire(const model::Schedule& schedule, WallTime nominal_at, const NewRun& asked,
                                        WallTime now) {
  NewRun scheduled = asked;
  scheduled.request.trigger = model::Trigger::schedule;
  scheduled.request.schedule = schedule.name;
  scheduled.request.nominal_at = nominal_at;
  const model::Run run = queued_run(scheduled, now);
  model::Fire fire{schedule.name, nominal_at, now, run.id, std::nullopt, {}, 1};
  model::EventRow row;
  const auto work = [&](SQLite::Database& connection) -> Status {
    if (const std::string overlap = overlap_of(schedule, count_open_runs(connection, schedule.name));
        !overlap.empty()) {
      fire.run_id.clear();
      fire.skipped = model::SkipReason::overlap;
      fire.reason = overlap;
    }
    if (!insert_fire(connection, fire)) return fail(ErrorCode::conflict, "this due time has been settled before");
    if (!fire.skipped) insert_queued(connection, run, row);
    return {};
  };
  const std::string what = fmt::format("firing the schedule \"{}\"", schedule.name);
  const Status stored = database_.write(what, work, [&] {
    if (!fire.skipped) feed_.post(row);
  });
  if (!stored) return fail(stored.error());
  if (fire.skipped) return fail(ErrorCode::conflict, fmt::format("{}: skipped: {}", what, fire.reason));
  return run.id;
}

Status RunRepository::skip(const model::Fire& fire) {
  return database_.write(fmt::format("skipping a due time of the schedule \"{}\"", fire.schedule),
                         [&](SQLite::Database& connection) -> Status {
                           if (insert_fire(connection, fire)) return {};
                           return fail(ErrorCode::conflict, "this due time has been settled before");
                         });
}

Result<Unfinished> RunRepository::settle_unfinished(WallTime now) {
  Unfinished left;
  std::vector<model::EventRow> rows;
  const model::RunStateChanged end{model::RunState::interrupted, kCutShort};
  const auto work = [&](SQLite::Database& connection) -> Status {
    Query open(connection, kSelectOpenRuns);
    while (open.next()) {
      const std::int64_t run_key = open.integer();
      const std::string id = open.text();
      if (open.word<model::RunState>() == model::RunState::queued) {
        left.queued.push_back(id);
        continue;
      }
      left.interrupted.push_back(id);
      interrupt_trials(connection, run_key, now, kCutShort);
      update_state(connection, run_key, now, end);
      model::EventRow& row = rows.emplace_back(flat_row(id, now, end));
      row.id = insert_event(connection, run_key, std::nullopt, row);
    }
    return {};
  };
  const Status settled = database_.write("settling the runs of the daemon's last life", work, [&] {
    for (const model::EventRow& row : rows) feed_.post(row);
  });
  if (!settled) return fail(settled.error());
  return left;
}

}  // namespace dyno::store
