// Executes one run from its first to its last state: environment, images, plan, trials, clean-up, and tells the journal everything.
// A run that was cut off goes on at the next trial of its plan, on the images and the machine that it began with.
// Whatever happens, nothing of the run is left in the engine when execute() returns. Holds no state between runs.
// execute() is called by one thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "model/job.h"
#include "model/run_event.h"
#include "model/run_state.h"
#include "results/summarise.h"
#include "run/images.h"
#include "run/present_build.h"
#include "run/resumption.h"
#include "run/rig.h"

namespace dyno::run {

// What the executor asks of those who know files and the past.
struct ExecutorCalls {
  FileChecks files{};
  // Whether this work (verified_work.h) was verified in full before, by whichever daemon; what says no only costs time.
  std::function<bool(const std::string& key)> was_verified = [](const std::string&) { return false; };
  std::function<void(const std::string& key, const std::string& image_id)> remember_verified =
      [](const std::string&, const std::string&) {};
  PresentBuild* present_build = nullptr;  // where others see what is built; null: nobody watches
  std::size_t builds_at_once = 1;         // one only, too, where the engine has less than 8 GiB of memory
  // What the run has done so far, as it is stored; nothing for one that begins.
  std::function<Result<RunPast>(const std::string& run_id)> past = [](const std::string&) {
    return Result<RunPast>(RunPast{});
  };
  // All that the trials of the run have measured by now, as it is stored; for a run that goes on until two stacks are told apart.
  std::function<Result<std::vector<results::TrialMetrics>>(const std::string& run_id)> measured =
      [](const std::string&) { return Result<std::vector<results::TrialMetrics>>(); };
  // Words where the disk has no room for another trial; empty: it has.
  std::function<std::string()> why_no_room = [] { return std::string(); };
  bool resumes = true;  // whether a run that the end of the daemon cuts off is put back into the queue
};

// How a run left the executor.
struct Executed {
  model::RunState state = model::RunState::failed;  // one that it ended in, or queued, to go on later
  std::optional<model::RunEvent> untold{};          // what could not be stored of that: to be told as soon as it can
};

class Executor {
 public:
  explicit Executor(Rig rig, ExecutorCalls calls = {}) : rig_(std::move(rig)), calls_(std::move(calls)) {}

  // A stop request cancels; `interrupting` tells that the daemon is going down, so that the run is cut off instead. So it is when the
  // engine goes away, or what happens cannot be stored: nothing here waits for either.
  Executed execute(const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting);

 private:
  // Set once in the constructor.
  Rig rig_;
  ExecutorCalls calls_;

  friend class Execution;
};

}  // namespace dyno::run
