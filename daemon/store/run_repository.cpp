#include "store/run_repository.h"

#include <fmt/format.h>

#include "base/id.h"
#include "store/event_rows.h"
#include "store/events.h"
#include "store/fire_rows.h"
#include "store/mark_rows.h"
#include "store/overview_rows.h"
#include "store/payload_rows.h"
#include "store/rows.h"
#include "store/run_rows.h"

namespace dyno::store {
namespace {

constexpr Nanos kKeyKept = std::chrono::hours(24);
constexpr auto kCancelled = "cancelled on request";
constexpr auto kCutShort = "the daemon ended during the run";

constexpr auto kForgetKeys = "DELETE FROM request_key WHERE created_at_ns < ?";
constexpr auto kFindKey =
    "SELECT k.body_hash, r.id FROM request_key k JOIN run r ON r.run_key = k.run_key WHERE k.key = ? AND "
    "k.created_at_ns >= ?";
constexpr auto kInsertKey = "INSERT INTO request_key (key, body_hash, run_key, created_at_ns) VALUES (?, ?, ?, ?)";
constexpr auto kSelectOpenRuns = R"sql(
  SELECT r.id, r.state, r.resumed, r.cancel_asked_at_ns IS NOT NULL, r.queue_place IS NOT NULL,
         (SELECT e.at_ns FROM event e WHERE e.run_key = r.run_key ORDER BY e.id DESC LIMIT 1),
         (SELECT count(*) FROM trial t WHERE t.run_key = r.run_key AND t.state IN ('succeeded', 'failed'))
  FROM run r WHERE r.finished_at_ns IS NULL ORDER BY r.queue_place IS NULL, r.queue_place, r.created_at_ns, r.id
)sql";
constexpr auto kAskCancel = "UPDATE run SET cancel_asked_at_ns = ? WHERE id = ? AND finished_at_ns IS NULL";
constexpr auto kPlace = "UPDATE run SET queue_place = ? WHERE id = ?";
constexpr auto kSelectBoot = "SELECT value FROM meta WHERE name = 'boot_id'";
constexpr auto kKeepBoot = "INSERT OR REPLACE INTO meta (name, value) VALUES ('boot_id', ?)";

// A run about to be stored.
struct NewRun {
  std::string id;
  StoredJob job;
  model::RunQueued event;
  model::EventRow row;
};

Result<NewRun> new_run(const model::Job& job, WallTime now) {
  Result<StoredJob> stored = stored_job(job);
  if (!stored) return fail(stored.error());
  NewRun run{new_id(now), std::move(*stored), {}, {}};
  run.event.request = job.request;
  run.event.job_hash = run.job.hash;
  run.event.profile_hash = job.profile.hash;
  run.event.blocks = job.profile.blocks;
  for (const model::Stack& stack : job.stacks) {
    model::RunStack& s = run.event.stacks.emplace_back();
    s.name = stack.name;
    s.title = stack.title;
    s.runtime = model::to_string(stack.runtime);
    s.stack_class = model::to_string(stack.stack_class);
    s.hash = stack.hash;
  }
  run.row = flat_row(run.id, now, run.event);
  return run;
}

Status insert_queued(SQLite::Database& connection, const Payload& payload, NewRun& run) {
  insert_job(connection, run.job);
  return append_event(connection, run.event, payload, run.row);
}

// The run that an earlier request with this key has made, if any.
Result<std::optional<std::string>> find_key(SQLite::Database& connection, const RequestKey& key, WallTime now) {
  Query q(connection, kFindKey, key.key, now - kKeyKept);
  if (!q.next()) return std::nullopt;
  if (q.text() != key.body_hash)
    return fail(ErrorCode::invalid_argument, "this Idempotency-Key was used before with another body");
  return q.text();
}

struct OpenRun {
  std::string id;
  model::RunState state = model::RunState::queued;
  int resumed = 0;
  bool is_cancelled = false;  // by somebody, before its end
  bool has_place = false;
  WallTime last_event_at;
  int finished = 0;  // trials

  bool has_begun() const { return state != model::RunState::queued || resumed > 0; }
};

std::vector<OpenRun> open_runs(SQLite::Database& connection) {
  std::vector<OpenRun> runs;
  Query q(connection, kSelectOpenRuns);
  while (q.next()) {
    OpenRun& run = runs.emplace_back();
    run.id = q.text();
    run.state = q.word<model::RunState>();
    run.resumed = q.number();
    run.is_cancelled = q.flag();
    run.has_place = q.flag();
    run.last_event_at = q.wall();
    run.finished = q.number();
  }
  return runs;
}

// Whether the machine has not been started again since this was asked last; where nobody told it, it counts as the same.
bool exchange_boot(SQLite::Database& connection, const std::string& boot_id) {
  Query before(connection, kSelectBoot);
  const bool same = !before.next() || before.text() == boot_id;
  Query(connection, kKeepBoot, boot_id).run();
  return same;
}

std::string overlap_of(SQLite::Database& connection, const model::Schedule& schedule) {
  const OpenRuns open = count_open_runs(connection, schedule.name);
  switch (schedule.overlap) {
    case model::OverlapPolicy::skip:
      return open.under_way + open.queued > 0 ? "the schedule's previous run has not ended" : "";
    case model::OverlapPolicy::queue: return open.queued > 0 ? "a run of the schedule is already waiting" : "";
    case model::OverlapPolicy::replace: return {};
  }
  return {};
}

}  // namespace

Result<Enqueued> RunRepository::enqueue(const model::Job& job, WallTime now, const std::optional<RequestKey>& key) {
  Result<NewRun> run = new_run(job, now);
  if (!run) return fail(run.error());
  const Result<Payload> payload = payload_of(run->event);
  if (!payload) return fail(payload.error());
  Enqueued result{run->id, false};
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
    if (Status queued = insert_queued(connection, *payload, *run); !queued) return queued;
    if (key) Query(connection, kInsertKey, key->key, key->body_hash, find_run(connection, run->id)->run_key, now).run();
    return {};
  };
  const Status stored = database_.write("queueing a run", work, [&] {
    if (!result.repeated) feed_.post(run->row);
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

Result<std::string> RunRepository::fire(const model::Schedule& schedule, WallTime nominal_at, const model::Job& job,
                                        WallTime now, bool made_up) {
  Result<NewRun> run = new_run(job, now);
  if (!run) return fail(run.error());
  run->event.request.trigger = model::Trigger::schedule;
  run->event.request.schedule = schedule.name;
  run->event.request.nominal_at = nominal_at;
  const Result<Payload> payload = payload_of(run->event);
  if (!payload) return fail(payload.error());
  model::Fire fire{schedule.name, nominal_at, now, run->id, std::nullopt, {}, 1};
  const auto work = [&](SQLite::Database& connection) -> Status {
    const bool stands_alone = !made_up || schedule.missed != model::MissedPolicy::all;
    if (const std::string overlap = stands_alone ? overlap_of(connection, schedule) : ""; !overlap.empty()) {
      fire.run_id.clear();
      fire.skipped = model::SkipReason::overlap;
      fire.reason = overlap;
    }
    if (!insert_fire(connection, fire)) return fail(ErrorCode::conflict, "this due time is already settled");
    return fire.skipped ? Status() : insert_queued(connection, *payload, *run);
  };
  const std::string what = fmt::format("firing the schedule \"{}\"", schedule.name);
  const Status stored = database_.write(what, work, [&] {
    if (!fire.skipped) feed_.post(run->row);
  });
  if (!stored) return fail(stored.error());
  if (fire.skipped) return fail(ErrorCode::conflict, fmt::format("{}: skipped: {}", what, fire.reason));
  return run->id;
}

Result<std::string> RunRepository::why_overlapping(const model::Schedule& schedule) const {
  std::string words;
  const Status read = database_.read("reading a schedule's runs", [&](SQLite::Database& connection) -> Status {
    words = overlap_of(connection, schedule);
    return {};
  });
  if (!read) return fail(read.error());
  return words;
}

Status RunRepository::skip(const model::Fire& fire) {
  return database_.write(fmt::format("skipping a due time of the schedule \"{}\"", fire.schedule),
                         [&](SQLite::Database& connection) -> Status {
                           if (insert_fire(connection, fire)) return {};
                           return fail(ErrorCode::conflict, "this due time is already settled");
                         });
}

Status RunRepository::ask_cancel(const std::string& run_id, WallTime now) {
  return database_.write("storing that a run is cancelled", [&](SQLite::Database& connection) -> Status {
    Query(connection, kAskCancel, now, run_id).run();
    return {};
  });
}

Status RunRepository::keep_order(const std::vector<std::string>& run_ids) {
  return database_.write("storing the order of the queue", [&](SQLite::Database& connection) -> Status {
    std::int64_t place = 0;
    for (const std::string& id : run_ids) Query(connection, kPlace, ++place, id).run();
    return {};
  });
}

Status RunRepository::mark(const std::string& run_id, const model::MarkChange& change,
                           const std::optional<model::Marks>& before) {
  return database_.write("storing what is said of a run", [&](SQLite::Database& connection) -> Status {
    const std::optional<RunHead> run = find_run(connection, run_id);
    if (!run) return fail(ErrorCode::not_found, fmt::format("there is no run {}", run_id));
    model::Marks all = select_marks(connection, run->run_key);
    if (before && all != *before) return fail(ErrorCode::conflict, "somebody has changed it since");
    if (change.note) all.note = *change.note;
    if (change.tags) all.tags = *change.tags;
    if (change.pinned) all.pinned = *change.pinned;
    if (change.excluded) all.excluded = *change.excluded;
    update_marks(connection, run->run_key, all);
    return change.excluded ? rewrite_overviews_after(connection, run->run_key) : Status();
  });
}

Result<Unfinished> RunRepository::settle_unfinished(WallTime now, const Restart& restart) {
  Unfinished left;
  std::vector<model::EventRow> rows;
  const auto tell = [&](SQLite::Database& connection, const std::string& id, const model::RunEvent& event) -> Status {
    const Result<Payload> payload = payload_of(event);
    if (!payload) return fail(payload.error());
    model::EventRow& row = rows.emplace_back(flat_row(id, now, event));
    Status told = append_event(connection, event, *payload, row);
    return told ? told : fail(told.error(), "run " + id);
  };
  const auto work = [&](SQLite::Database& connection) -> Status {
    const bool same_boot = exchange_boot(connection, restart.boot_id);
    for (const OpenRun& run : open_runs(connection)) {
      if (run.is_cancelled) {
        left.cancelled.push_back(run.id);
        const model::RunStateChanged end{model::RunState::cancelled, kCancelled};
        if (Status told = tell(connection, run.id, end); !told) return told;
        continue;
      }
      if (!run.has_begun()) {
        (run.has_place ? left.placed : left.queued).push_back(run.id);
        continue;
      }
      const std::string why_not =
          model::why_not_resumed(restart.rule, {.same_boot = same_boot, .ago = now - run.last_event_at});
      (why_not.empty() ? left.resumed : left.interrupted).push_back(run.id);
      if (!why_not.empty()) {
        const std::string reason = fmt::format("{}; {}", kCutShort, why_not);
        if (Status told = tell(connection, run.id, model::RunStateChanged{model::RunState::interrupted, reason}); !told)
          return told;
      } else if (run.state != model::RunState::queued) {
        if (Status told = tell(connection, run.id, model::RunResumed{kCutShort, run.finished}); !told) return told;
      }
    }
    return {};
  };
  const Status settled = database_.write("settling the runs of the last daemon", work, [&] {
    for (const model::EventRow& row : rows) feed_.post(row);
  });
  if (!settled) return fail(settled.error());
  return left;
}

}  // namespace dyno::store
