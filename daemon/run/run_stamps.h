// The journal as a run speaks to it: stamps what it is told by the wall clock as it stood when the run was taken up, moved on by a
// clock that nobody sets. So what follows is never stamped earlier, and what lies between two stamps has passed, whatever becomes of
// the wall clock meanwhile. One thread.
#pragma once

#include <algorithm>

#include "base/clock.h"
#include "ports/run_journal.h"

namespace dyno::run {

class RunStamps final : public ports::RunJournal {
 public:
  // Both must outlive it.
  RunStamps(ports::RunJournal& inner, Clock& clock)
      : inner_(inner), clock_(clock), wall_(clock.wall_now()), since_boot_(clock.since_boot()) {}

  // What is on record of the run goes before all that is told from now on.
  void begin_after(WallTime last) { wall_ += std::max(Nanos(0), last - now()); }

  WallTime now() const { return wall_ + (clock_.since_boot() - since_boot_); }
  // By how much the wall clock was set since then; below zero: back.
  Nanos step() const { return clock_.wall_now() - now(); }

  Result<std::int64_t> append(const std::string& run_id, WallTime, const model::RunEvent& event) override {
    return inner_.append(run_id, now(), event);
  }
  void publish(const model::LiveSample& sample) override { inner_.publish(sample); }

 private:
  ports::RunJournal& inner_;
  Clock& clock_;
  WallTime wall_;
  const Nanos since_boot_;
};

}  // namespace dyno::run
