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
  const auto removed = sweep_leftovers(engine, "me");
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, (std::vector<std::string>{"ours-app", "ours-sandbox", "ours-net"}));
  EXPECT_TRUE(engine.is_empty());
}

TEST(Sweep, LeavesForeignObjectsAlone) {
  fakes::FakeContainerEngine engine;
  ASSERT_TRUE(engine.create_network("theirs", {{"stackdyno.instance", "other"}}));
  const auto removed = sweep_leftovers(engine, "me");
  ASSERT_TRUE(removed);
  EXPECT_TRUE(removed->empty());
  EXPECT_EQ(engine.networks(), std::vector<std::string>{"theirs"});
}

}  // namespace
}  // namespace dyno::run
