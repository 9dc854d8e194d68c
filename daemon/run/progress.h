// How far a run is and when it will end: planned times of the trials, corrected by how long the finished ones took. One thread.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"
#include "model/plan.h"
#include "model/run.h"

namespace dyno::run {

class ProgressMeter {
 public:
  ProgressMeter(std::vector<Nanos> expected_by_trial, int blocks);

  void begin_trial(std::size_t index, MonotonicTime now);
  void end_trial(MonotonicTime now);
  // Progress at this instant; `wall_now` is the same instant on the wall clock.
  model::Progress at(MonotonicTime now, WallTime wall_now, int block, std::string case_name, std::string step,
                     std::string phase) const;

 private:
  std::vector<Nanos> expected_;
  Nanos expected_total_{};
  Nanos expected_done_{};
  Nanos taken_{};
  int blocks_;
  std::size_t current_ = 0;
  bool in_trial_ = false;
  MonotonicTime trial_begin_{};
};

}  // namespace dyno::run
