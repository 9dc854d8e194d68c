// Where dyno-load runs: which network namespace, which CPU, which limits. Thin calls into the kernel; each says what it could not do.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace dyno::loadgen {

// Moves the calling thread, and threads it starts later, into the namespace behind `path`; an empty path stays. Before any socket.
Status enter_network_namespace(const std::string& path);
// Pins the calling thread.
Status pin_to_cpu(int cpu);
// Timed waits of the calling thread end within about a nanosecond's slack instead of the default 50 µs.
void sharpen_timers();
// Room for this many descriptors, raising the soft limit up to the hard one.
Status allow_descriptors(std::uint64_t count);

}  // namespace dyno::loadgen
