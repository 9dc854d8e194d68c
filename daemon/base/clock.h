// The seam to time: every read of a clock and every wait goes through a Clock, so that tests decide what time it is.
// RealClock reads CLOCK_MONOTONIC, CLOCK_REALTIME and CLOCK_BOOTTIME. Thread-safe.
#pragma once

#include <stop_token>

#include "base/units.h"

namespace dyno {

enum class WaitOutcome { reached, stopped };

class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime now() const = 0;
  virtual WallTime wall_now() const = 0;
  // Time since the machine was started. Runs on while it is suspended, as now() does not, and is never set, as wall_now() is.
  virtual Nanos since_boot() const = 0;
  // Blocks until `when` or until a stop is requested.
  virtual WaitOutcome wait_until(MonotonicTime when, std::stop_token stop) = 0;
};

inline WaitOutcome wait_for(Clock& clock, Nanos duration, std::stop_token stop) {
  return clock.wait_until(clock.now() + duration, std::move(stop));
}

class RealClock final : public Clock {
 public:
  MonotonicTime now() const override;
  WallTime wall_now() const override;
  Nanos since_boot() const override;
  WaitOutcome wait_until(MonotonicTime when, std::stop_token stop) override;
};

}  // namespace dyno
