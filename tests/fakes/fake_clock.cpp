#include "fakes/fake_clock.h"

namespace dyno::fakes {

FakeClock::FakeClock(Mode mode, MonotonicTime now, WallTime wall_now) : mode_(mode), now_(now), wall_now_(wall_now) {}

MonotonicTime FakeClock::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

WallTime FakeClock::wall_now() const {
  const std::lock_guard lock(mutex_);
  return wall_now_;
}

Nanos FakeClock::since_boot() const {
  const std::lock_guard lock(mutex_);
  return now_.time_since_epoch() + suspended_;
}

WaitOutcome FakeClock::wait_until(MonotonicTime when, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (stop.stop_requested()) return WaitOutcome::stopped;
  if (when <= now_) return WaitOutcome::reached;
  if (mode_ == Mode::jumping) {
    wall_now_ += when - now_;
    now_ = when;
    changed_.notify_all();
    return WaitOutcome::reached;
  }
  pending_.insert(when);
  changed_.notify_all();
  const bool reached = changed_.wait(lock, stop, [&] { return now_ >= when; });
  if (!reached) pending_.erase(pending_.find(when));
  return reached ? WaitOutcome::reached : WaitOutcome::stopped;
}

void FakeClock::advance(Nanos by) {
  const std::lock_guard lock(mutex_);
  now_ += by;
  wall_now_ += by;
  pending_.erase(pending_.begin(), pending_.upper_bound(now_));
  changed_.notify_all();
}

void FakeClock::suspend(Nanos by) {
  const std::lock_guard lock(mutex_);
  wall_now_ += by;
  suspended_ += by;
}

void FakeClock::set_wall(WallTime wall_now) {
  const std::lock_guard lock(mutex_);
  wall_now_ = wall_now;
}

int FakeClock::waiters() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(pending_.size());
}

void FakeClock::await_waiters(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return static_cast<int>(pending_.size()) >= count; });
}

}  // namespace dyno::fakes
