// A whole run on each recorded machine: where its containers, its loader and the daemon go, down to what dyno-load reads.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/line_protocol.h"
#include "base/text.h"
#include "integration/host/recorded_machine.h"
#include "load/load_wire.h"
#include "run/placement.h"
#include "runners/load/load_spec.h"
#include "unit/run/executor_fixture.h"

namespace dyno::run {
namespace {

using tests::RecordedMachine;

struct Machine {
  std::string name;
  int cpus;
  std::string app, load, services;  // of the automatic placement
  std::string quiet;                // what the daemon keeps off
};

const std::vector<Machine> kMachines{
    {"vm_2", 2, "1", "0", "0", "1"},
    {"desktop_4", 4, "1-2", "0", "3", "1-2"},
    {"vm_4_smt", 4, "2-3", "0", "1", "2-3"},
    {"offline_8", 8, "1,4", "0", "5", "1,4"},
    {"desktop_8_smt", 8, "1-2,5-6", "0,4", "3,7", "1-2,5-6"},
    {"two_caches_16_smt", 16, "4-5,12-13", "0,8", "1,9", "4-5,12-13"},
    {"two_sockets_64_smt", 64, "1-2,33-34", "0,32", "3,35", "1-2,33-34"},
};

Result<loadgen::LoadSpec> as_dyno_load_reads(const ports::LoadSpec& spec) {
  std::vector<Line> lines;
  const std::string text = load::load_request(spec);
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty() || line.starts_with("dyno-load") || line == "go") continue;
    lines.push_back(Line::parse(line).value());
  }
  return loadgen::read_load_spec(lines);
}

class RunOnMachines : public ExecutorTest {
 protected:
  RunOnMachines() {
    engine_.on_started([this](const fakes::FakeContainer& container) {
      cpusets_[container.spec.labels.at("stackdyno.role")].insert(container.spec.cpuset);
    });
  }
  void run_on(const model::Topology& topology) {
    cpusets_.clear();
    host_.topology(topology);
    EXPECT_EQ(execute(), model::RunState::succeeded) << last_reason();
  }

  std::map<std::string, std::set<std::string>> cpusets_;  // of the last run's containers, by role
};

TEST_F(RunOnMachines, PutsEachPartWhereItBelongs) {
  give_service();
  for (const Machine& row : kMachines) {
    const RecordedMachine machine(row.name);
    const auto placement = decide_placement(machine.topology(row.cpus), {});
    ASSERT_TRUE(placement) << row.name;
    EXPECT_EQ(model::cpu_list(placement->app_cpus), row.app) << row.name;
    EXPECT_EQ(model::cpu_list(placement->load_cpus), row.load) << row.name;
    EXPECT_EQ(model::cpu_list(placement->service_cpus), row.services) << row.name;
    EXPECT_EQ(model::cpu_list(placement->quiet_cpus), row.quiet) << row.name;
    EXPECT_FALSE(placement->app_shares_core) << row.name;
  }
}

TEST_F(RunOnMachines, RunsAPlanOnEach) {
  give_service();
  job_.profile.placement = {};
  job_.profile.phases.front().connections = 1;
  for (const Machine& row : kMachines) {
    SCOPED_TRACE(row.name);
    const RecordedMachine machine(row.name);
    const std::size_t phases_before = load_.phases().size();
    run_on(machine.topology(row.cpus));
    EXPECT_EQ(cpusets_["app"], std::set<std::string>{row.app});
    EXPECT_EQ(cpusets_["sandbox"], std::set<std::string>{row.load});
    EXPECT_EQ(cpusets_["service"], std::set<std::string>{row.services});
    const auto all = load_.phases();
    ASSERT_GT(all.size(), phases_before);
    for (std::size_t i = phases_before; i < all.size(); ++i) {
      const auto spec = as_dyno_load_reads(all[i]);
      ASSERT_TRUE(spec) << spec.error().message;
      EXPECT_LE(spec->cpus.size(), static_cast<std::size_t>(spec->connections));
      EXPECT_TRUE(std::includes(all[i].cpus.begin(), all[i].cpus.end(), spec->cpus.begin(), spec->cpus.end()));
      EXPECT_EQ(model::cpu_list(all[i].cpus), row.load);
    }
    ASSERT_GE(host_.kept_off().size(), 2U);
    EXPECT_EQ(model::cpu_list(*std::prev(host_.kept_off().end(), 2)), row.quiet);
    EXPECT_TRUE(host_.kept_off().back().empty()) << "and goes back afterwards";
  }
}

// Whatever a profile asks for: no CPU twice, and nobody on a core of the app's while another core is there.
TEST_F(RunOnMachines, KeepsTheRulesForEveryRequest) {
  for (const Machine& row : kMachines) {
    const RecordedMachine machine(row.name);
    const model::Topology topology = machine.topology(row.cpus);
    const int have = static_cast<int>(topology.cpus.size());
    for (const int app : {1, 2, 3, 4, 5, 7, 8, 15, 31, 32, 33, 48, 60}) {
      for (const int load : {1, 2, 3, 4, 9, 16}) {
        if (app + load > have) continue;
        SCOPED_TRACE(fmt::format("{}: {} for the stack, {} for the loader", row.name, app, load));
        const auto placement = decide_placement(
            topology, {.automatic = false, .stack_cpus = app, .load_cpus = load, .database_shared_with_load = false});
        ASSERT_TRUE(placement) << placement.error().message;
        ASSERT_EQ(placement->app_cpus.size(), static_cast<std::size_t>(app));
        ASSERT_EQ(placement->load_cpus.size(), static_cast<std::size_t>(load));
        std::set<int> seen(placement->app_cpus.begin(), placement->app_cpus.end());
        for (const int cpu : placement->load_cpus) ASSERT_TRUE(seen.insert(cpu).second);
        if (placement->service_cpus != placement->load_cpus) {
          for (const int cpu : placement->service_cpus) ASSERT_TRUE(seen.insert(cpu).second);
        }
        const int threads = row.name.ends_with("smt") ? 2 : 1;
        const auto cores = [&](int cpus) { return (cpus + threads - 1) / threads; };
        const bool avoidable = cores(app) + cores(load) <= have / threads;
        ASSERT_EQ(placement->app_shares_core, !avoidable);
        const bool one_node = app <= 32;
        ASSERT_TRUE(!one_node || placement->app_nodes == 1 || placement->app_shares_core || !avoidable);
      }
    }
  }
}

TEST_F(RunOnMachines, SplitsACoreOnlyWhereItMust) {
  const RecordedMachine machine("vm_4_smt");
  const auto placement = decide_placement(machine.topology(2), {});
  ASSERT_TRUE(placement);
  EXPECT_TRUE(placement->app_shares_core);
  EXPECT_TRUE(placement->co_located);
  EXPECT_EQ(model::cpu_list(placement->quiet_cpus), "1");
}

TEST_F(RunOnMachines, LeavesTheSiblingOfASingleAppCpuIdle) {
  const RecordedMachine machine("desktop_8_smt");
  const auto placement = decide_placement(machine.topology(8), {.automatic = false, .stack_cpus = 1, .load_cpus = 1});
  ASSERT_TRUE(placement);
  EXPECT_EQ(model::cpu_list(placement->app_cpus), "1");
  EXPECT_EQ(model::cpu_list(placement->quiet_cpus), "1,5");
  EXPECT_FALSE(placement->co_located);
}

TEST_F(RunOnMachines, KeepsToTheCpusOfARestrictedDaemon) {
  const RecordedMachine machine("two_sockets_64_smt");
  const auto placement = decide_placement(host::read_topology({0, 16, 17, 48, 49}, machine.root()), {});
  ASSERT_TRUE(placement);
  EXPECT_EQ(model::cpu_list(placement->app_cpus), "17,49");
  EXPECT_EQ(model::cpu_list(placement->load_cpus), "16") << "of the app's node, although CPU 0 is lower";
}

}  // namespace
}  // namespace dyno::run
