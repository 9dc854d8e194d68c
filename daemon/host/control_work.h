// The control: one fixed piece of work whose CPU time changes only when the machine does. It sends small messages through the
// loopback network, of which a server's CPU time largely consists. Two things that it is not, because they were tried on a shared
// virtual machine: arithmetic stays within 1 % while servers become a quarter slower, and reads of memory beyond a core's own
// caches differ by a half from one second to the next, which no server's figures do.
#pragma once

#include "base/result.h"
#include "base/units.h"

namespace dyno::host {

// Thread CPU time that the work takes on CPU `cpu` now: the least of 24 repeats; about 90 ms in all. Runs in a thread of its
// own, so the caller's placement stays as it is. Error: unavailable, with what could not be had (the CPU, a socket).
// Thread-safe.
Result<Nanos> control_work(int cpu);

}  // namespace dyno::host
