// What /proc knows about the processes of a cgroup: which they are, their proportional set size, the CPU time of each thread, where
// they listen.
// A process that ends while it is read is left out. No shared state; allocates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "ports/sampler.h"

namespace dyno::cgroup {

// The pids in cgroup.procs. A process that cannot be seen from here is an error, because its share would be missing silently.
Result<std::vector<std::int64_t>> pids_in(const std::string& cgroup_folder);

// Σ Pss over `pids`; unsupported without the right to trace one of them. Holds each process's map lock while it is read.
Result<Bytes> pss_sum(const std::string& proc, const std::vector<std::int64_t>& pids);

// True if the Pss of `pid` may be read; reads nothing.
bool may_read_pss(const std::string& proc, std::int64_t pid);

// Cumulative CPU time by thread id.
Result<std::vector<std::pair<std::int64_t, Nanos>>> thread_cpu(const std::string& proc,
                                                               const std::vector<std::int64_t>& pids);

// TCP sockets that listen in the network namespace of `pid`, in the order of the kernel, each once.
Result<std::vector<ports::Listener>> listeners_of(const std::string& proc, std::int64_t pid);

}  // namespace dyno::cgroup
