#include "base/clock.h"

#include <condition_variable>
#include <ctime>
#include <mutex>

namespace dyno {
namespace {

Nanos read(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return std::chrono::seconds(t.tv_sec) + Nanos(t.tv_nsec);
}

}  // namespace

MonotonicTime RealClock::now() const { return MonotonicTime(read(CLOCK_MONOTONIC)); }

WallTime RealClock::wall_now() const { return WallTime(read(CLOCK_REALTIME)); }

Nanos RealClock::since_boot() const { return read(CLOCK_BOOTTIME); }

WaitOutcome RealClock::wait_until(MonotonicTime when, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  // steady_clock is CLOCK_MONOTONIC in the C++ libraries we build with.
  const auto deadline = std::chrono::steady_clock::time_point(when.time_since_epoch());
  wake.wait_until(lock, stop, deadline, [] { return false; });
  return stop.stop_requested() ? WaitOutcome::stopped : WaitOutcome::reached;
}

}  // namespace dyno
