// A clock that tests set. Manual: waiters sleep until the test advances past them. Jumping: a wait moves the time to its end and
// returns at once, so that a whole run passes in no time. Neither ever reads a real clock. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>

#include "base/clock.h"

namespace dyno::fakes {

class FakeClock final : public Clock {
 public:
  enum class Mode { manual, jumping };

  explicit FakeClock(Mode mode = Mode::jumping, MonotonicTime now = monotonic_from_ns(1'000'000'000),
                     WallTime wall_now = wall_from_ns(1'767'225'600'000'000'000));  // 2026-01-01T00:00:00Z

  MonotonicTime now() const override;
  WallTime wall_now() const override;
  Nanos since_boot() const override;
  WaitOutcome wait_until(MonotonicTime when, std::stop_token stop) override;

  // Moves both clocks on and wakes the waiters that became due.
  void advance(Nanos by);
  // The machine sleeps: only the monotonic clock stands still. Waiters sleep on.
  void suspend(Nanos by);
  // Sets the wall clock alone, as an operator or NTP would.
  void set_wall(WallTime wall_now);
  // Waits that are not due yet, and a way to block until there are `count` of them: after an advance, the waiters that it woke have
  // done their work and wait again.
  int waiters() const;
  void await_waiters(int count);

 private:
  const Mode mode_;

  // guarded by mutex_
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  MonotonicTime now_;
  WallTime wall_now_;
  Nanos suspended_{};
  std::multiset<MonotonicTime> pending_;
};

}  // namespace dyno::fakes
