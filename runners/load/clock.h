// The clocks of dyno-load. CLOCK_MONOTONIC is the one clock of all stamps; it is the same in every network namespace and in
// the daemon. Read directly, not through base/clock.h: the measuring loop reads it for every answer.
#pragma once

#include <ctime>

#include <cstdint>

namespace dyno::loadgen {

constexpr std::int64_t kNever = INT64_MAX;

inline std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

inline std::int64_t monotonic_ns() { return read_clock(CLOCK_MONOTONIC); }
inline std::int64_t thread_cpu_ns() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace dyno::loadgen
