// Types for quantities, so that a number cannot lose its unit between two functions.
// Durations are std::chrono::nanoseconds; instants of the two clocks have types of their own and do not mix.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace dyno {

using Nanos = std::chrono::nanoseconds;

// CLOCK_MONOTONIC of this machine, nanoseconds since boot: the same clock that dyno-load and dyno-exec stamp with.
struct MonotonicClock {
  using duration = Nanos;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using MonotonicTime = MonotonicClock::time_point;

// Wall clock, UTC, nanoseconds since 1970.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Nanos>;

// An amount of memory or data. May be negative only as a difference.
struct Bytes {
  std::int64_t value = 0;
  constexpr auto operator<=>(const Bytes&) const = default;
};

constexpr Bytes kib(std::int64_t n) { return {n * 1024}; }
constexpr Bytes mib(std::int64_t n) { return {n * 1024 * 1024}; }

// Events per second, finite and not negative.
struct Rate {
  double per_s = 0;
  constexpr auto operator<=>(const Rate&) const = default;
};

constexpr MonotonicTime monotonic_from_ns(std::int64_t ns) { return MonotonicTime(Nanos(ns)); }
constexpr std::int64_t to_ns(MonotonicTime t) { return t.time_since_epoch().count(); }
constexpr WallTime wall_from_ns(std::int64_t ns) { return WallTime(Nanos(ns)); }
constexpr std::int64_t to_ns(WallTime t) { return t.time_since_epoch().count(); }

}  // namespace dyno
