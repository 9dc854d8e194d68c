#include "store/journal.h"

#include <fmt/format.h>

#include "store/event_rows.h"
#include "store/phase_rows.h"
#include "store/run_rows.h"
#include "store/trial_rows.h"

namespace dyno::store {
namespace {

// Stores what an event carries beside its own row.
struct Apply {
  SQLite::Database& connection;
  const RunHead& run;
  WallTime at;
  // Of the trial that the event is about; set by the event that starts it.
  std::optional<std::int64_t>& trial_key;

  Status operator()(const model::RunStateChanged& e) const {
    if (!model::may_follow(run.state, e.state)) {
      return fail(ErrorCode::conflict, fmt::format("a run that is {} cannot become {}", model::to_string(run.state),
                                                   model::to_string(e.state)));
    }
    update_state(connection, run.run_key, at, e);
    return {};
  }
  Status operator()(const model::EnvironmentRecorded& e) const {
    replace_environment(connection, run.run_key, e);
    return {};
  }
  Status operator()(const model::PlanMade& e) const {
    update_plan(connection, run.run_key, e);
    return {};
  }
  Status operator()(const model::StackPrepared& e) const {
    if (update_stack(connection, run.run_key, e.stack)) return {};
    return fail(ErrorCode::not_found, fmt::format("the run did not ask for the stack \"{}\"", e.stack.name));
  }
  // What is kept of these two is their own row; the facts of a service stand in the environment.
  Status operator()(const model::ServicePrepared&) const { return {}; }
  Status operator()(const model::ServiceReset&) const { return {}; }
  Status operator()(const model::TrialStarted& e) const {
    trial_key = insert_trial(connection, run.run_key, at, e);
    return {};
  }
  Status operator()(const model::TrialStepped&) const { return {}; }
  Status operator()(const model::StartupMeasured& e) const {
    replace_startup(connection, *trial_key, e.marks);
    return {};
  }
  Status operator()(const model::MemoryMeasured& e) const {
    replace_memory(connection, *trial_key, e);
    return {};
  }
  Status operator()(const model::PhaseFinished& e) const {
    add_measured(connection, run.run_key, e.result.window_end - e.result.window_begin);
    return insert_phase(connection, *trial_key, e);
  }
  Status operator()(const model::TrialFinished& e) const {
    update_finished(connection, *trial_key, at, e);
    return {};
  }
};

// Finds the trial that the row names and completes the row by its case.
Status find_trial_of(SQLite::Database& connection, const RunHead& run, model::EventRow& row,
                     std::optional<std::int64_t>& trial_key) {
  const std::optional<TrialHead> trial = find_trial(connection, run.run_key, row.trial_id);
  if (!trial) return fail(ErrorCode::not_found, fmt::format("the run has no trial {}", row.trial_id));
  if (trial->state != model::TrialState::running)
    return fail(ErrorCode::conflict, fmt::format("trial {} has ended already", row.trial_id));
  trial_key = trial->trial_key;
  row.case_name = trial->case_name;
  return {};
}

}  // namespace

Result<std::int64_t> Journal::append(const std::string& run_id, WallTime at, const model::RunEvent& event) {
  model::EventRow row = flat_row(run_id, at, event);
  const auto work = [&](SQLite::Database& connection) -> Status {
    const std::optional<RunHead> run = find_run(connection, run_id);
    if (!run) return fail(ErrorCode::not_found, "there is no such run");
    std::optional<std::int64_t> trial_key;
    if (!row.trial_id.empty() && !std::holds_alternative<model::TrialStarted>(event)) {
      if (Status found = find_trial_of(connection, *run, row, trial_key); !found) return found;
    }
    if (Status applied = std::visit(Apply{connection, *run, at, trial_key}, event); !applied) return applied;
    row.id = insert_event(connection, run->run_key, trial_key, row);
    return {};
  };
  const Status stored = database_.write(fmt::format("storing the event \"{}\" of run {}", row.kind, run_id), work,
                                        [&] { feed_.post(row); });
  if (!stored) return fail(stored.error());
  // The end of a run is a quiet moment: what it wrote moves from the log into the file. A failure costs nothing but time.
  if (row.state && model::is_terminal(*row.state)) static_cast<void>(database_.truncate_log());
  return row.id;
}

void Journal::publish(const model::LiveSample& sample) { feed_.post(sample); }

}  // namespace dyno::store
