// Where dyno-load runs: which network namespace, which CPU, which limits. Thin calls into the kernel; each says what it could not do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace dyno::loadgen {

// Moves the calling thread, and threads it starts later, into the namespace behind `path`; an empty path stays. Before any socket.
Status enter_network_namespace(const std::string& path);
// Confines the calling thread, and threads it starts later, to these CPUs; none: to no fewer than before.
Status pin_to_cpus(const std::vector<int>& cpus);
// Timed waits of the calling thread end within about a nanosecond's slack instead of the default 50 µs.
void sharpen_timers();
// A table of descriptors for the calling thread alone: the kernel then takes no reference of a file for each call. It holds the standard three and those to `keep`; what the thread opens is closed when it ends. Where the kernel
// refuses, the thread goes on sharing.
void own_descriptors(std::vector<int> keep);
// Room for this many descriptors, raising the soft limit up to the hard one.
Status allow_descriptors(std::uint64_t count);

}  // namespace dyno::loadgen
