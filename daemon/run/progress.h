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
  // `whole`: it was not cut short; only such trials tell the pace.
  void end_trial(MonotonicTime now, bool whole = true);
  // The trial will not be made: it counts neither as done nor as left. May be called again.
  void leave_out(std::size_t index);
  // Progress at this instant; `wall_now` is the same instant on the wall clock.
  model::Progress at(MonotonicTime now, WallTime wall_now, int block, std::string case_name, std::string step,
                     std::string phase) const;

 private:
  std::vector<Nanos> expected_;
  Nanos expected_total_{};
  Nanos expected_done_{};
  Nanos expected_whole_{};  // of those that were not cut short
  Nanos taken_{};           // by them
  int blocks_;
  std::size_t current_ = 0;
  bool in_trial_ = false;
  MonotonicTime trial_begin_{};
};

}  // namespace dyno::run
