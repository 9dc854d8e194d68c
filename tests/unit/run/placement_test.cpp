#include "run/placement.h"

#include <gtest/gtest.h>

#include <vector>

#include "fakes/fake_host.h"

namespace dyno::run {
namespace {

using fakes::flat_topology;

std::vector<int> up_to(int first, int last) {
  std::vector<int> cpus;
  for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  return cpus;
}

TEST(Placement, NeverLetsAppAndLoaderShareACpu) {
  for (int n = 2; n <= 64; ++n) {
    const auto placement = decide_placement(flat_topology(n), {});
    ASSERT_TRUE(placement) << n;
    for (const int app : placement->app_cpus) {
      for (const int load : placement->load_cpus) EXPECT_NE(app, load) << n;
    }
    EXPECT_EQ(placement->quiet_cpus, placement->app_cpus) << n;
  }
}

TEST(Placement, GivesTheLoaderTheLowestCpusAndTheAppThoseAfterIt) {
  for (const int n : {8, 9, 16, 64}) {
    const auto placement = decide_placement(flat_topology(n), {});
    ASSERT_TRUE(placement) << n;
    EXPECT_EQ(placement->load_cpus, up_to(0, 1)) << n;
    EXPECT_EQ(placement->app_cpus, up_to(2, 5)) << n;
    EXPECT_EQ(placement->service_cpus, up_to(6, 7)) << n;
  }
}

TEST(Placement, SaysCoLocatedOnlyWhenNoCpuIsLeftOver) {
  EXPECT_TRUE(decide_placement(flat_topology(2), {})->co_located);
  EXPECT_FALSE(decide_placement(flat_topology(4), {})->co_located);
  EXPECT_TRUE(decide_placement(flat_topology(4), {.automatic = false, .stack_cpus = 3, .load_cpus = 1})->co_located);
}

TEST(Placement, KeepsToTheCpusItWasGiven) {
  const auto placement = decide_placement({.cpus = {{.id = 3, .core = 3}, {.id = 5, .core = 5}}}, {});
  ASSERT_TRUE(placement);
  EXPECT_EQ(placement->load_cpus, std::vector<int>{3});
  EXPECT_EQ(placement->app_cpus, std::vector<int>{5});
}

TEST(Placement, RefusesOneCpuAndMoreThanThereAre) {
  EXPECT_EQ(decide_placement(flat_topology(1), {}).error().code, ErrorCode::unsupported);
  const auto refused = decide_placement(flat_topology(2), {.automatic = false, .stack_cpus = 2, .load_cpus = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the profile needs 2 CPUs for the stack and 1 for the load generator; this machine has 2");
}

TEST(Placement, GivesServicesTheCpusLeftOverOrThoseOfTheLoader) {
  const auto of = [](int cpus, const model::PlacementRequest& request) {
    return decide_placement(flat_topology(cpus), request)->service_cpus;
  };
  EXPECT_EQ(of(2, {}), std::vector<int>{0});
  EXPECT_EQ(of(4, {}), std::vector<int>{3});
  EXPECT_EQ(of(9, {}), (std::vector<int>{6, 7}));
  EXPECT_EQ(of(4, {.automatic = false, .database_shared_with_load = true}), std::vector<int>{0});
  EXPECT_EQ(of(4, {.automatic = false, .database_shared_with_load = false}), std::vector<int>{2});
}

// Two nodes of four cores: what fits on one of them is put there, loader and services with it.
TEST(Placement, KeepsAppLoaderAndServicesOnOneNode) {
  model::Topology topology = flat_topology(8);
  for (auto& cpu : topology.cpus) cpu.node = cpu.cache = cpu.id / 4 * 4;
  const auto placement = decide_placement(
      topology, {.automatic = false, .stack_cpus = 2, .load_cpus = 1, .database_shared_with_load = false});
  ASSERT_TRUE(placement);
  EXPECT_EQ(placement->app_cpus, up_to(1, 2));
  EXPECT_EQ(placement->load_cpus, std::vector<int>{0});
  EXPECT_EQ(placement->service_cpus, std::vector<int>{3});
  const auto wide = decide_placement(topology, {.automatic = false, .stack_cpus = 4, .load_cpus = 1});
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->app_cpus, up_to(4, 7));
  EXPECT_EQ(wide->app_nodes, 1);
  const auto wider = decide_placement(topology, {.automatic = false, .stack_cpus = 5, .load_cpus = 1});
  ASSERT_TRUE(wider);
  EXPECT_EQ(wider->app_nodes, 2);
}

}  // namespace
}  // namespace dyno::run
