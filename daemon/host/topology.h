// Reads which CPUs a machine has and what they share, from /sys. Values only; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/topology.h"

namespace dyno::host {

// "0-2,5" → 0 1 2 5, ascending; what is no such list gives nothing.
std::vector<int> parse_cpu_list(std::string_view text);

// The CPUs of `allowed` that are online. `root` stands before /sys, for tests; empty on a real machine. Where /sys keeps silent,
// as in some containers, a CPU is a core of its own in the one node that there is.
model::Topology read_topology(const std::vector<int>& allowed, const std::string& root = {});

}  // namespace dyno::host
