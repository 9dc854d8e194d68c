#include "store/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "store/build_rows.h"
#include "store/event_rows.h"
#include "store/overview_rows.h"
#include "store/payload_rows.h"
#include "store/phase_rows.h"
#include "store/rows.h"
#include "store/run_rows.h"
#include "store/summary_rows.h"
#include "store/trial_rows.h"

namespace dyno::store {
namespace {

constexpr auto kNameTrial = "UPDATE event SET trial_key = ? WHERE id = ?";

// Deletes the rows of a run that are written again from its events. Its own row and those of its trials are overwritten in place,
// because the events refer to them.
constexpr const char* kForget[] = {
    "DELETE FROM run_stack WHERE run_key = ?",
    "DELETE FROM build WHERE run_key = ?",
    "DELETE FROM environment_fact WHERE run_key = ?",
    "DELETE FROM run_warning WHERE run_key = ?",
    "DELETE FROM event_progress WHERE event_id IN (SELECT id FROM event WHERE run_key = ?)",
    "DELETE FROM startup WHERE trial_key IN (SELECT trial_key FROM trial WHERE run_key = ?)",
    "DELETE FROM memory_reading WHERE trial_key IN (SELECT trial_key FROM trial WHERE run_key = ?)",
    "DELETE FROM reading_gate WHERE trial_key IN (SELECT trial_key FROM trial WHERE run_key = ?)",
    "DELETE FROM gate_result WHERE trial_key IN (SELECT trial_key FROM trial WHERE run_key = ?)",
    "DELETE FROM reading WHERE trial_key IN (SELECT trial_key FROM trial WHERE run_key = ?)",
    "DELETE FROM phase WHERE trial_key IN (SELECT trial_key FROM trial WHERE run_key = ?)",
};

// Where an event belongs. The rows it makes have its own id as their key, so that a rebuilt row is the same row.
struct Place {
  std::int64_t event_id = 0;
  RunHead run;
  WallTime at;
  std::optional<std::int64_t> trial_key;  // of the trial that it is about
};

// The rows that follow from an event.
struct Apply {
  SQLite::Database& connection;
  const Place& place;

  Status operator()(const model::RunQueued& e) const {
    insert_stacks(connection, place.run.run_key, e.stacks);
    return {};
  }
  Status operator()(const model::RunStateChanged& e) const {
    if (!model::may_follow(place.run.state, e.state)) {
      return fail(ErrorCode::conflict, fmt::format("a run that is {} cannot become {}",
                                                   model::to_string(place.run.state), model::to_string(e.state)));
    }
    if (model::is_terminal(e.state)) {
      interrupt_trials(connection, place.run.run_key, place.at,
                       e.reason.empty() ? "the run ended before it" : e.reason);
    }
    update_state(connection, place.run.run_key, place.at, e);
    if (!model::is_terminal(e.state)) return {};
    write_summaries(connection, place.run.run_key);
    return write_overview(connection, place.run.run_key);
  }
  Status operator()(const model::RunResumed& e) const {
    if (!model::may_be_resumed(place.run.state)) {
      return fail(ErrorCode::conflict,
                  fmt::format("a run that is {} cannot be resumed", model::to_string(place.run.state)));
    }
    interrupt_trials(connection, place.run.run_key, place.at, e.reason);
    queue_again(connection, place.run.run_key, e.reason);
    return {};
  }
  Status operator()(const model::EnvironmentRecorded& e) const {
    replace_environment(connection, place.run.run_key, e);
    return {};
  }
  Status operator()(const model::PlanMade& e) const {
    update_plan(connection, place.run.run_key, e);
    return {};
  }
  Status operator()(const model::StackPrepared& e) const {
    if (update_stack(connection, place.run.run_key, e.stack)) return {};
    return fail(ErrorCode::not_found, fmt::format("the run did not ask for the stack \"{}\"", e.stack.name));
  }
  // These make no row but their own; the facts of a service are in the environment.
  Status operator()(const model::ServicePrepared&) const { return {}; }
  Status operator()(const model::ServiceReset&) const { return {}; }
  Status operator()(const model::ComparisonLooked&) const { return {}; }
  Status operator()(const model::TrialStarted& e) const {
    put_trial(connection, place.event_id, place.run.run_key, place.at, e);
    return {};
  }
  Status operator()(const model::TrialStepped& e) const {
    insert_progress(connection, place.event_id, e.progress);
    return {};
  }
  Status operator()(const model::StartupMeasured& e) const {
    replace_startup(connection, *place.trial_key, e.marks);
    return {};
  }
  Status operator()(const model::BuildLogged& e) const {
    put_build(connection, place.run.run_key, place.event_id, e.build);
    return {};
  }
  Status operator()(const model::MemoryMeasured& e) const {
    replace_memory(connection, *place.trial_key, place.event_id, e);
    return {};
  }
  Status operator()(const model::PhaseFinished& e) const {
    add_measured(connection, place.run.run_key, e.result.window_end - e.result.window_begin);
    insert_phase(connection, *place.trial_key, place.event_id, e.result);
    return {};
  }
  Status operator()(const model::TrialFinished& e) const {
    update_finished(connection, *place.trial_key, place.at, e);
    if (model::is_result(e.state)) clear_stalled(connection, place.run.run_key);
    return {};
  }
};

// The run of the row: made by RunQueued, found for every other event.
Result<RunHead> run_of(SQLite::Database& connection, WallTime at, const model::RunEvent& event,
                       const std::string& run_id) {
  if (const auto* const queued = std::get_if<model::RunQueued>(&event))
    return RunHead{put_run(connection, run_id, at, *queued), model::RunState::queued};
  const std::optional<RunHead> run = find_run(connection, run_id);
  if (!run) return fail(ErrorCode::not_found, "there is no such run");
  return *run;
}

// The trial that the row names, which completes the row by its case. Nothing for an event about the run, and for the event
// that starts the trial.
Result<std::optional<std::int64_t>> trial_of(SQLite::Database& connection, const RunHead& run,
                                             const model::RunEvent& event, model::EventRow& row) {
  if (row.trial_id.empty() || std::holds_alternative<model::TrialStarted>(event)) return std::nullopt;
  const std::optional<TrialHead> trial = find_trial(connection, run.run_key, row.trial_id);
  if (!trial) return fail(ErrorCode::not_found, fmt::format("the run has no trial {}", row.trial_id));
  if (trial->state != model::TrialState::running)
    return fail(ErrorCode::conflict, fmt::format("trial {} has ended already", row.trial_id));
  row.case_name = trial->case_name;
  return trial->trial_key;
}

}  // namespace

Status append_event(SQLite::Database& connection, const model::RunEvent& event, const Payload& payload,
                    model::EventRow& row) {
  const Result<RunHead> run = run_of(connection, row.at, event, row.run_id);
  if (!run) return fail(run.error());
  const Result<std::optional<std::int64_t>> trial_key = trial_of(connection, *run, event, row);
  if (!trial_key) return fail(trial_key.error());
  row.id = insert_event(connection, run->run_key, *trial_key, row);
  insert_payload(connection, row.id, payload);
  Status applied = std::visit(Apply{connection, {row.id, *run, row.at, *trial_key}}, event);
  if (!applied) return applied;
  if (std::holds_alternative<model::TrialStarted>(event)) Query(connection, kNameTrial, row.id, row.id).run();
  return {};
}

Result<bool> replay_run(SQLite::Database& connection, std::int64_t run_key, const std::string& run_id) {
  const std::vector<std::int64_t> ids = select_event_ids(connection, run_key);
  for (const std::int64_t id : ids) {
    const Result<ToldEvent> told = select_told(connection, id);
    if (!told) return fail(told.error());
    if (!told->event && id == ids.front()) return false;
    if (!told->event) return fail(ErrorCode::internal, fmt::format("event {} has no payload", id));
    if (id == ids.front()) {
      forget_summaries(connection, run_key);
      for (const char* const sql : kForget) Query(connection, sql, run_key).run();
    }
    model::EventRow row = flat_row(run_id, told->at, *told->event);
    const Result<RunHead> run = run_of(connection, told->at, *told->event, run_id);
    if (!run) return fail(run.error());
    const Result<std::optional<std::int64_t>> trial_key = trial_of(connection, *run, *told->event, row);
    if (!trial_key) return fail(trial_key.error(), fmt::format("event {}", id));
    const Status applied = std::visit(Apply{connection, {id, *run, told->at, *trial_key}}, *told->event);
    if (!applied) return fail(applied.error(), fmt::format("event {}", id));
  }
  return !ids.empty();
}

}  // namespace dyno::store
