// The control: one fixed piece of work whose CPU time changes only when the machine does. Half of it sends small messages through
// the loopback network, half reads memory beyond a core's own caches: what a server's CPU time consists of, and what shared
// machines are unsteady in. (Arithmetic alone stays within 1 % while those two move by a quarter.)
#pragma once

#include "base/result.h"
#include "base/units.h"

namespace dyno::app {

// Thread CPU time that the work takes on CPU `cpu` now: the median of five repeats, after one that counts for nothing; about
// 50 ms in all. Runs in a thread of its own, so the caller's placement stays as it is. Error: unavailable, with what could not
// be had (the CPU, a socket, memory). Thread-safe.
Result<Nanos> control_work(int cpu);

}  // namespace dyno::app
