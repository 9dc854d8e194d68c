#include "run/environment.h"

#include <gtest/gtest.h>

namespace dyno::run {
namespace {

ports::EngineDescription engine() {
  ports::EngineDescription description;
  description.engine = "Docker 20.10.24+dfsg1";
  description.kernel = "6.18.44-a";
  description.storage_driver = "overlay2";
  description.cgroup_version = "1";
  return description;
}

const model::Placement kPlacement{.app_cpus = {1}, .load_cpus = {0}, .co_located = true};

TEST(Environment, KeyIgnoresWhatDoesNotChangeNumbers) {
  auto other = engine();
  other.engine = "Docker 20.10.99";
  other.kernel = "6.18.45-b";
  const auto a = describe_environment(engine(), {{"boot_id", "x", false}}, kPlacement);
  const auto b = describe_environment(other, {{"boot_id", "y", false}}, kPlacement);
  EXPECT_EQ(a.key, b.key);
  EXPECT_TRUE(a.key.starts_with("e1:"));
}

TEST(Environment, KeyChangesWithWhatDoes) {
  auto other = engine();
  other.kernel = "6.19.1";
  EXPECT_NE(describe_environment(engine(), {}, kPlacement).key, describe_environment(other, {}, kPlacement).key);
  EXPECT_NE(describe_environment(engine(), {{"cpu_model", "A", true}}, kPlacement).key,
            describe_environment(engine(), {{"cpu_model", "B", true}}, kPlacement).key);
}

TEST(Preflight, WarnsOfWhatDisturbs) {
  const std::vector<model::Fact> facts{
      {"governor", "powersave", true}, {"load_average_1min", "1.5", false}, {"swap_used", "yes", false}};
  const auto warnings = preflight(describe_environment(engine(), facts, kPlacement), kPlacement);
  std::vector<std::string> gates;
  for (const auto& w : warnings) gates.emplace_back(to_string(w.gate));
  EXPECT_EQ(gates, (std::vector<std::string>{"co_located", "governor", "load", "swap"}));
  EXPECT_EQ(warnings[0].text, "The daemon and Docker share the CPUs of the load generator.");
}

TEST(Preflight, WarnsOfCoresAndNodesThatThePlacementCouldNotKeepApart) {
  model::Placement placement{.app_cpus = {1, 2}, .load_cpus = {0}};
  const auto environment = describe_environment(engine(), {}, placement);
  EXPECT_TRUE(preflight(environment, placement).empty());
  placement.app_shares_core = true;
  placement.app_nodes = 2;
  const auto warnings = preflight(environment, placement);
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[0].gate, model::GateName::smt);
  EXPECT_EQ(warnings[1].gate, model::GateName::numa);
  EXPECT_EQ(warnings[1].text, "The app's CPUs span 2 NUMA nodes, so part of its memory is remote.");
}

// Fault catalogue, E-15.
TEST(Environment, SaysWhereTheEnginesClockIsAnother) {
  ports::EngineDescription other = engine();
  other.clock_ahead = -std::chrono::minutes(90);
  const auto environment = describe_environment(other, {}, kPlacement);
  EXPECT_EQ(environment.key, describe_environment(engine(), {}, kPlacement).key);
  const auto warnings = preflight(environment, kPlacement);
  ASSERT_EQ(warnings.size(), 2U) << "and that the CPUs are shared";
  EXPECT_EQ(warnings[1].gate, model::GateName::clock);
  EXPECT_EQ(warnings[1].text, "Docker's clock is 1 h 30 min behind the daemon's. No duration depends on it.");
}

}  // namespace
}  // namespace dyno::run
