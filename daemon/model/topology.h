// The CPUs of a machine and what they share: the physical core, the last-level cache, the memory. Values only.
#pragma once

#include <vector>

namespace dyno::model {

// Cores and caches are named by their lowest CPU, so that one number is unique in the machine.
struct Cpu {
  int id = 0;
  int core = 0;   // CPUs of one core are hyper-threads of each other
  int cache = 0;  // those that share the last-level cache
  int node = 0;   // NUMA node: whose memory is near

  bool operator==(const Cpu&) const = default;
};

// Only CPUs that are online and that we may use, ascending by id.
struct Topology {
  std::vector<Cpu> cpus;

  bool operator==(const Topology&) const = default;
};

}  // namespace dyno::model
