#include "model/run_state.h"

namespace dyno::model {

bool is_terminal(RunState state) { return state >= RunState::succeeded; }

bool may_follow(RunState from, RunState to) {
  using enum RunState;
  if (is_terminal(from)) return false;
  switch (to) {
    case queued: return false;
    case acquiring: return from == queued;
    case preparing: return from == acquiring;
    case running: return from == preparing;
    case collecting: return from == running;
    case analyzing: return from == collecting;
    case succeeded:
    case partly: return from == analyzing;
    case skipped: return from == queued;
    case failed:
    case aborted:
    case cancelled:
    case timed_out:
    case interrupted: return true;
  }
  return false;
}

bool may_be_resumed(RunState state) { return state != RunState::queued && !is_terminal(state); }

Blame blame_of(TrialFailure failure) {
  using enum TrialFailure;
  switch (failure) {
    case build_failed:
    case create_failed:
    case never_ready:
    case exited_early:
    case crashed:
    case oom_killed:
    case wrong_body:
    case hung:
    case too_many_errors:
    case slow_drip:
    case port_mismatch:
    case wrong_queries: return Blame::stack;
    case engine_lost: return Blame::engine;
    case service_lost:
    case loader_failed:
    case sandbox_lost:
    case not_evicted:
    case interfered:
    case machine_busy:
    case none:
    case cancelled: return Blame::others;
  }
  return Blame::others;
}

}  // namespace dyno::model
