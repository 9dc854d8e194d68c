// A run as the executor tells it, made instead of measured: every trial as a list of what happens in it and when, with all that its events carry. Phases
// are as short as those of `quick`, whatever the job's profile says: what follows from each comes as often as with any profile of the tree. The same
// job gives the same figures. For measurements. Pure, but for the ids of trials.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/units.h"
#include "model/job.h"
#include "model/run_event.h"

namespace dyno::bench {

struct Moment {
  Nanos at{};  // from the trial's beginning
  std::variant<model::RunEvent, model::LiveSample> what;
};

class MadeRun {
 public:
  // With the id of the stored run.
  explicit MadeRun(model::Job job) : job_(std::move(job)) {}

  const std::string& id() const { return job_.run_id; }
  // All stacks in each block.
  int trials_in_block() const { return static_cast<int>(job_.stacks.size()); }
  int trials() const { return job_.profile.blocks * trials_in_block(); }
  // From one trial's beginning to the next one's.
  Nanos trial_length() const;

  // What is told before the first trial.
  std::vector<model::RunEvent> beginning() const;
  // In the order in which it happens; `index` from 0.
  std::vector<Moment> trial(int index, WallTime begin) const;

 private:
  model::Progress progress(int index, WallTime now, model::TrialStep step, const std::string& phase) const;

  // Set once in the constructor.
  const model::Job job_;
};

}  // namespace dyno::bench
