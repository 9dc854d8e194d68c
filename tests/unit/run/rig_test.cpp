#include "run/rig.h"

#include <gtest/gtest.h>

#include "fakes/fake_container_engine.h"

namespace dyno::run {
namespace {

TEST(Sweep, RemovesAppsThenSandboxesThenNetworksOfItsInstanceOnly) {
  fakes::FakeContainerEngine engine;
  engine.add_image("sandbox");
  engine.add_image("app");
  const auto net = engine.create_network("ours-net", {{"stackdyno.instance", "me"}, {"stackdyno.role", "network"}});
  ASSERT_TRUE(net);
  const auto make = [&](const std::string& name, const std::string& instance, const std::string& role) {
    ports::ContainerSpec spec;
    spec.name = name;
    spec.image_id = engine.inspect_image("app")->id;
    spec.memory = mib(16);
    spec.labels = {{"stackdyno.instance", instance}, {"stackdyno.role", role}};
    spec.network = ports::JoinNetwork{*net};
    return engine.create_container(spec);
  };
  const auto sandbox = make("ours-sandbox", "me", "sandbox");
  ASSERT_TRUE(sandbox) << sandbox.error().message;
  ASSERT_TRUE(make("ours-app", "me", "app"));
  const auto swept = sweep_leftovers(engine, "me");
  ASSERT_TRUE(swept) << swept.error().message;
  EXPECT_EQ(swept->removed, (std::vector<std::string>{"ours-app", "ours-sandbox", "ours-net"}));
  EXPECT_TRUE(swept->stuck.empty());
  EXPECT_TRUE(engine.is_empty());
}

// Issue 16, row N3.
TEST(Sweep, OneThatCannotBeRemovedStopsNoOther) {
  fakes::FakeContainerEngine engine;
  for (const char* const name : {"a", "b", "c"})
    ASSERT_TRUE(engine.create_network(name, {{"stackdyno.instance", "me"}})) << name;
  engine.add_fault({.pattern = "remove_network", .error = {ErrorCode::io, "planted"}, .times = 1});
  const auto swept = sweep_leftovers(engine, "me");
  ASSERT_TRUE(swept) << swept.error().message;
  EXPECT_EQ(swept->removed.size(), 2U);
  ASSERT_EQ(swept->stuck.size(), 1U);
  EXPECT_EQ(swept->stuck[0].error.message, "planted");
  EXPECT_EQ(engine.networks(), std::vector<std::string>{swept->stuck[0].name});
}

TEST(Sweep, KeepsWhatIsInUse) {
  fakes::FakeContainerEngine engine;
  const auto used = engine.create_network("used", {{"stackdyno.instance", "me"}});
  ASSERT_TRUE(used && engine.create_network("left", {{"stackdyno.instance", "me"}}));
  EXPECT_EQ(sweep_leftovers(engine, "me", {*used})->removed, std::vector<std::string>{"left"});
}

TEST(Sweep, LeavesForeignObjectsAlone) {
  fakes::FakeContainerEngine engine;
  ASSERT_TRUE(engine.create_network("theirs", {{"stackdyno.instance", "other"}}));
  const auto swept = sweep_leftovers(engine, "me");
  ASSERT_TRUE(swept);
  EXPECT_TRUE(swept->removed.empty());
  EXPECT_EQ(engine.networks(), std::vector<std::string>{"theirs"});
}

}  // namespace
}  // namespace dyno::run
