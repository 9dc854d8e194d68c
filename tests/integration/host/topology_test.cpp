// Topologies read from recorded machines, and from this one.
#include "host/topology.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "host/affinity.h"
#include "integration/host/recorded_machine.h"

namespace dyno::host {
namespace {

using tests::RecordedMachine;

std::vector<int> ids(const model::Topology& topology) {
  std::vector<int> found;
  for (const auto& cpu : topology.cpus) found.push_back(cpu.id);
  return found;
}

TEST(Topology, ReadsListsOfCpus) {
  EXPECT_EQ(parse_cpu_list("0-2,5\n"), (std::vector<int>{0, 1, 2, 5}));
  EXPECT_EQ(parse_cpu_list("5,0-2,1"), (std::vector<int>{0, 1, 2, 5}));
  EXPECT_EQ(parse_cpu_list("7"), std::vector<int>{7});
  for (const char* text : {"", "\n", "-", "1-", "3-1", "a", "1,,2", "-1", "0-99999999", "1-2-3"})
    EXPECT_TRUE(parse_cpu_list(text).empty()) << text;
}

TEST(Topology, TellsWhatCpusShare) {
  struct Row {
    std::string machine;
    int cpus;
    std::size_t cores, caches, nodes;
  };
  for (const Row& row : {Row{"vm_2", 2, 2, 1, 1}, Row{"vm_4_smt", 4, 2, 1, 1}, Row{"desktop_4", 4, 4, 1, 1},
                         Row{"desktop_8_smt", 8, 4, 1, 1}, Row{"two_caches_16_smt", 16, 8, 2, 1},
                         Row{"two_sockets_64_smt", 64, 32, 2, 2}}) {
    const RecordedMachine machine(row.machine);
    const model::Topology topology = machine.topology(row.cpus);
    ASSERT_EQ(topology.cpus.size(), static_cast<std::size_t>(row.cpus)) << row.machine;
    std::set<int> cores;
    std::set<int> caches;
    std::set<int> nodes;
    for (const auto& cpu : topology.cpus) {
      cores.insert(cpu.core);
      caches.insert(cpu.cache);
      nodes.insert(cpu.node);
    }
    EXPECT_EQ(cores.size(), row.cores) << row.machine;
    EXPECT_EQ(caches.size(), row.caches) << row.machine;
    EXPECT_EQ(nodes.size(), row.nodes) << row.machine;
  }
}

TEST(Topology, NamesTheSiblingTheCacheAndTheNode) {
  const RecordedMachine machine("two_sockets_64_smt");
  const model::Topology topology = machine.topology(64);
  EXPECT_EQ(topology.cpus[50], (model::Cpu{.id = 50, .core = 18, .cache = 16, .node = 1}));
}

TEST(Topology, LeavesOutCpusThatAreOffline) {
  const RecordedMachine machine("offline_8");
  EXPECT_EQ(ids(machine.topology(8)), (std::vector<int>{0, 1, 4, 5, 7}));
}

TEST(Topology, LeavesOutCpusThatTheDaemonMayNotUse) {
  const RecordedMachine machine("two_sockets_64_smt");
  EXPECT_EQ(ids(read_topology({17, 16, 48, 99}, machine.root())), (std::vector<int>{16, 17, 48}));
}

TEST(Topology, TakesEachCpuForACoreWhereSysKeepsSilent) {
  const model::Topology topology = read_topology({0, 3}, "/nothing/here");
  EXPECT_EQ(topology.cpus,
            (std::vector<model::Cpu>{{.id = 0, .core = 0, .cache = 0}, {.id = 3, .core = 3, .cache = 3}}));
}

TEST(Topology, ReadsThisMachine) { EXPECT_EQ(ids(read_topology(own_cpus())), own_cpus()); }

}  // namespace
}  // namespace dyno::host
