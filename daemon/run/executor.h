// Executes one run from its first to its last state: environment, images, plan, trials, clean-up, and tells the journal everything.
// Whatever happens, nothing of the run is left in the engine when execute() returns. Holds no state between runs but which
// images have passed the full verification. execute() is called by one thread at a time.
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "model/job.h"
#include "model/run_state.h"
#include "run/rig.h"

namespace dyno::run {

class Executor {
 public:
  Executor(Rig rig, std::string exec_program_hash)
      : rig_(std::move(rig)), exec_program_hash_(std::move(exec_program_hash)) {}

  // Ends with the run in a terminal state, which is also returned. A stop request cancels; `interrupting` tells that the daemon
  // is going down, so that the run is recorded as interrupted instead.
  model::RunState execute(const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting);

 private:
  // Set once in the constructor.
  Rig rig_;
  std::string exec_program_hash_;
  // Used by the executing thread only.
  std::set<std::string> verified_;  // image and the workloads it was asked: a full verification covers no more

  friend class Execution;
};

}  // namespace dyno::run
