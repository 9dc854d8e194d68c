// States of a run and steps of a trial, and which may follow which: the one table of legal transitions. Pure.
#pragma once

#include "model/enum_text.h"

namespace dyno::model {

enum class RunState {
  queued,
  acquiring,
  preparing,
  running,
  collecting,
  analyzing,
  succeeded,
  partly,  // some stacks have results, others have none
  failed,
  aborted,
  cancelled,
  timed_out,
  interrupted,
  skipped
};
template <>
struct EnumNames<RunState> {
  static constexpr std::array<std::string_view, 14> names{
      "queued", "acquiring", "preparing", "running",   "collecting", "analyzing",   "succeeded",
      "partly", "failed",    "aborted",   "cancelled", "timed_out",  "interrupted", "skipped"};
};

bool is_terminal(RunState state);
bool may_follow(RunState from, RunState to);
// Whether a run that was cut off in this state can go back into the queue: it had begun, and has not ended.
bool may_be_resumed(RunState state);

enum class TrialStep { starting, idle, verifying, warming_up, loading, retaining, stopping };
template <>
struct EnumNames<TrialStep> {
  static constexpr std::array<std::string_view, 7> names{"starting", "idle",      "verifying", "warming_up",
                                                         "loading",  "retaining", "stopping"};
};

// What became of a trial.
enum class TrialState { running, succeeded, failed, interrupted, cancelled };
template <>
struct EnumNames<TrialState> {
  static constexpr std::array<std::string_view, 5> names{"running", "succeeded", "failed", "interrupted", "cancelled"};
};

// Whether the trial is done with: a run that goes on later keeps it. What was cut off is repeated.
inline bool is_result(TrialState state) { return state == TrialState::succeeded || state == TrialState::failed; }

// Why a trial failed: the verdict on the server, one word.
enum class TrialFailure {
  none,
  build_failed,
  create_failed,
  never_ready,
  exited_early,
  crashed,
  oom_killed,
  wrong_body,
  hung,
  too_many_errors,
  sandbox_lost,
  service_lost,
  engine_lost,
  loader_failed,
  cancelled,
  wrong_queries,  // statements or connections other than the contract promises
  not_evicted,    // a cache-cold start whose files the page cache kept
  interfered,     // somebody else paused or removed a container
  slow_drip,      // answers that began and did not end
  port_mismatch,  // it listens, and not at its port
  machine_busy    // answers came late or not at all while others had the CPUs
};
template <>
struct EnumNames<TrialFailure> {
  static constexpr std::array<std::string_view, 21> names{
      "none",        "build_failed",  "create_failed", "never_ready",     "exited_early", "crashed",
      "oom_killed",  "wrong_body",    "hung",          "too_many_errors", "sandbox_lost", "service_lost",
      "engine_lost", "loader_failed", "cancelled",     "wrong_queries",   "not_evicted",  "interfered",
      "slow_drip",   "port_mismatch", "machine_busy"};
};

// Whose fault a failure is. Only its own count against a stack: what the machine, the engine, the loader or a service did says
// nothing about it, and it is measured again in its next trial.
enum class Blame { stack, engine, others };
Blame blame_of(TrialFailure failure);

}  // namespace dyno::model
