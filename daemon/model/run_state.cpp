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
    case succeeded: return from == analyzing;
    case skipped: return from == queued;
    case failed:
    case aborted:
    case cancelled:
    case timed_out:
    case interrupted: return true;
  }
  return false;
}

}  // namespace dyno::model
