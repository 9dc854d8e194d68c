// What a run did before it was cut off, and what follows for the rest of it: which trials are kept, which images, services and
// machine the others need so that all of its trials are of one run. Values and pure functions; made from what the store holds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/environment.h"
#include "model/run.h"
#include "model/run_event.h"
#include "run/images.h"

namespace dyno::run {

struct RunPast {
  model::Run run;
  std::vector<model::Trial> trials{};  // in order of the plan, then of the attempts
};

class Resumption {
 public:
  explicit Resumption(RunPast past);

  // Whether a trial was begun: from then on plan, images and machine are settled.
  bool has_plan() const { return !last_.empty(); }
  // The trial of this place in the plan that is done with; null: it is to be made, as this attempt.
  const model::Trial* finished(int index) const;
  int next_attempt(int index) const;
  int count_finished() const;

  // What the run's stack or service was made from; nothing where that was not settled.
  const model::RunStack* stack(const std::string& name) const;
  std::optional<ServiceImage> service(const std::string& name) const;

  // The latest instant that is on record of it; nothing: it had not begun.
  std::optional<WallTime> last_stamp() const;
  // Machine and warnings, as they are on record.
  model::EnvironmentRecorded recorded() const { return {past_.run.environment, past_.run.warnings}; }

  // Why the run cannot go on at all; empty: it can.
  std::string why_given_up() const;
  // What makes this another machine than the one that the run began on: "kernel_release: 6.1, now 6.2"; empty: nothing.
  std::string other_machine(const model::Environment& now) const;

 private:
  RunPast past_;
  std::map<int, std::size_t> last_;  // place in the plan → its last attempt in past_.trials
};

}  // namespace dyno::run
