#include "run/placement.h"

#include <gtest/gtest.h>

namespace dyno::run {
namespace {

TEST(Placement, NeverLetsAppAndLoaderShareACpu) {
  for (int n = 2; n <= 64; ++n) {
    std::vector<int> cpus;
    for (int i = 0; i < n; ++i) cpus.push_back(i);
    const auto placement = decide_placement(cpus, {});
    ASSERT_TRUE(placement) << n;
    for (const int app : placement->app_cpus) {
      for (const int load : placement->load_cpus) EXPECT_NE(app, load) << n;
    }
  }
}

TEST(Placement, SaysCoLocatedOnlyWhenNoCpuIsLeftOver) {
  EXPECT_TRUE(decide_placement({0, 1}, {})->co_located);
  EXPECT_FALSE(decide_placement({0, 1, 2, 3}, {})->co_located);
}

TEST(Placement, KeepsToTheCpusItWasGiven) {
  const auto placement = decide_placement({3, 5}, {});
  ASSERT_TRUE(placement);
  EXPECT_EQ(placement->load_cpus, std::vector<int>{3});
  EXPECT_EQ(placement->app_cpus, std::vector<int>{5});
}

TEST(Placement, RefusesOneCpuAndMoreThanThereAre) {
  EXPECT_EQ(decide_placement({0}, {}).error().code, ErrorCode::unsupported);
  const auto refused = decide_placement({0, 1}, {.automatic = false, .stack_cpus = 2, .load_cpus = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the profile wants 2 CPUs for the stack and 1 for the loader, this machine has 2");
}

TEST(Placement, GivesServicesTheCpusLeftOverOrThoseOfTheLoader) {
  const auto of = [](std::vector<int> cpus, const model::PlacementRequest& request) {
    return service_cpus(cpus, *decide_placement(cpus, request), request);
  };
  EXPECT_EQ(of({0, 1}, {}), std::vector<int>{0});
  EXPECT_EQ(of({0, 1, 2, 3}, {}), std::vector<int>{3});
  EXPECT_EQ(of({0, 1, 2, 3, 4, 5, 6, 7, 8}, {}), (std::vector<int>{6, 7}));
  EXPECT_EQ(of({0, 1, 2, 3}, {.automatic = false, .database_shared_with_load = true}), std::vector<int>{0});
  EXPECT_EQ(of({0, 1, 2, 3}, {.automatic = false, .database_shared_with_load = false}), std::vector<int>{2});
}

}  // namespace
}  // namespace dyno::run
