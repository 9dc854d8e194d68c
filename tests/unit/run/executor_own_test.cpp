// A stack of one's own: its image, how it becomes ready, what it is not asked, and the services that it brings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "executor_fixture.h"

namespace dyno::run {
namespace {

using model::RunState;
using model::TrialFailure;
using testing::HasSubstr;

// "orders", from an image that says how it starts, and where it listens.
class OwnStackTest : public ExecutorTest {
 protected:
  OwnStackTest() {
    orders_.contract = model::ContractKind::own;
    orders_.name = "orders";
    orders_.offered_modes = {model::Mode::single};
    orders_.image = "shop/orders:1";
    orders_.run.port = 0;
    orders_.run.user = model::kUserOfImage;
    orders_.readiness.path = "/";
    job_.profile.phases.clear();
    image_ = {.id = "sha256:orders", .size = mib(80), .labels = {}, .repo_digests = {"shop/orders@sha256:d1"}};
    image_.entrypoint = {"docker-entrypoint.sh"};
    image_.command = {"serve", "--all"};
    image_.ports = {3000};
  }
  RunState execute_orders() {
    engine_.add_image("shop/orders:1", image_);
    job_.stacks = {orders_};
    return execute();
  }
  void ready_by(model::ReadyBy by, const std::string& pattern = {}) {
    orders_.readiness.by = by;
    orders_.readiness.path.clear();
    orders_.readiness.pattern = pattern;
  }
  // The app writes these a quarter of a second after it began to.
  void app_writes(std::vector<std::string> lines) {
    engine_.on_follow([this, lines](const fakes::FakeContainer&) {
      clock_.advance(std::chrono::milliseconds(250));
      std::vector<fakes::FakeContainerEngine::Line> all;
      for (const auto& line : lines) all.push_back({line, clock_.wall_now() - std::chrono::milliseconds(100)});
      return all;
    });
  }
  std::optional<ports::ContainerSpec> started(const std::string& role) const {
    const auto found = specs_.find(role);
    return found == specs_.end() ? std::nullopt : std::optional(found->second);
  }
  void keep_specs() {
    engine_.on_started([this](const fakes::FakeContainer& c) { specs_[c.spec.labels.at("stackdyno.role")] = c.spec; });
  }
  model::RunStack prepared() const { return fakes::events_of<model::StackPrepared>(journal_).at(0).stack; }

  model::Stack orders_;
  ports::ImageDescription image_;
  std::map<std::string, ports::ContainerSpec> specs_;
};

TEST_F(OwnStackTest, StartsAsItsImageSaysAndMeasuresStartAndMemory) {
  keep_specs();
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  EXPECT_EQ(count_calls("build_image"), 0);
  const auto app = started("app");
  ASSERT_TRUE(app);
  EXPECT_EQ(app->entrypoint, (std::vector<std::string>{"/.stackdyno/dyno-exec"}));
  EXPECT_EQ(app->command, (std::vector<std::string>{"docker-entrypoint.sh", "serve", "--all"}));
  EXPECT_TRUE(app->is_user_of_image);
  EXPECT_FALSE(app->writable);
  EXPECT_EQ(app->env.at("PORT"), "3000");
  EXPECT_FALSE(app->env.contains("GOMAXPROCS"));
  EXPECT_EQ(prepared().image_id, "sha256:orders");
  EXPECT_EQ(prepared().base_kind, "image");
  EXPECT_EQ(prepared().bases, "IMAGE=shop/orders:1@sha256:d1");
  EXPECT_EQ(fakes::events_of<model::StartupMeasured>(journal_).size(), 4U);
  EXPECT_EQ(fakes::events_of<model::MemoryMeasured>(journal_).size(), 4U);
  for (const std::string& call : load_.calls()) EXPECT_FALSE(call.starts_with("exchange")) << call;
  expect_clean();
}

TEST_F(OwnStackTest, GetsWhatItsFileAsksFor) {
  keep_specs();
  orders_.run.command = {"node", "main.js"};
  orders_.run.port = 80;
  orders_.run.user = 1000;
  orders_.run.env = {{"PORT", "8081"}};
  orders_.run.writable = true;
  orders_.run.folders = {{"/data", mib(32)}};
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  const auto app = started("app");
  EXPECT_EQ(app->command, (std::vector<std::string>{"node", "main.js"}));
  EXPECT_EQ(app->programs, (std::vector<std::string>{"node"})) << "the image's entry point stays in front of it";
  EXPECT_EQ(app->user, "1000:1000");
  EXPECT_FALSE(app->is_user_of_image);
  EXPECT_TRUE(app->writable);
  EXPECT_EQ(app->env.at("PORT"), "8081");
  ASSERT_EQ(app->folders.size(), 1U);
  EXPECT_EQ(app->folders[0].path, "/data");
}

TEST_F(OwnStackTest, TakesTheImageFromARegistryWhereItIsNotHere) {
  engine_.offer_image("shop/orders:1", image_);
  job_.stacks = {orders_};
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(count_calls("pull_image shop/orders:1"), 1);
  EXPECT_EQ(prepared().bases, "IMAGE=shop/orders:1@sha256:d1");
}

TEST_F(OwnStackTest, SaysWhatIsKnownOfAnImageWithoutADigest) {
  image_.repo_digests.clear();
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  EXPECT_EQ(prepared().bases,
            "IMAGE=shop/orders:1@sha256:orders (the image's id: it has no digest, for it came from no registry)");
}

TEST_F(OwnStackTest, SaysThatTheImageIsNotThere) {
  job_.stacks = {orders_};
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(
      prepared().failure,
      "image_missing: the image shop/orders:1 (image in its stack.yaml): it is not on this machine, and pulling it "
      "failed: Get \"https://registry.example/v2/\": no such host");
}

TEST_F(OwnStackTest, SaysWhatTheImageDoesNotSay) {
  image_.ports = {80, 443};
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_THAT(prepared().failure,
              HasSubstr("image_unfit: its stack.yaml has no run.port, and the image EXPOSEs 80, 443"));
}

TEST_F(OwnStackTest, SaysThatNothingSaysHowItStarts) {
  image_.entrypoint.clear();
  image_.command.clear();
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_THAT(prepared().failure,
              HasSubstr("image_unfit: the image has neither ENTRYPOINT nor CMD: say in run.command"));
}

TEST_F(OwnStackTest, IsBuiltFromImagesThatARegistryGives) {
  orders_.image.clear();
  orders_.folder = "/stacks/orders";
  orders_.run.command = {"serve"};
  orders_.run.port = 3000;
  orders_.build.target = "run";
  engine_.set_content("/stacks/orders", "FROM node:26 AS run\nVOLUME /data\n");
  engine_.offer_image("node:26", image_);
  job_.stacks = {orders_};
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(count_calls("pull_image node:26"), 1);
  EXPECT_EQ(prepared().bases, "FROM=node:26@sha256:orders");
}

TEST_F(OwnStackTest, IsReadyByAConnection) {
  ready_by(model::ReadyBy::tcp);
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  EXPECT_EQ(load_.calls()[0], "start_probe ") << "no path is asked for";
}

TEST_F(OwnStackTest, IsReadyByALineOfItsLogAtTheTimeOfTheLine) {
  ready_by(model::ReadyBy::log, "listening on [0-9]+$");
  app_writes({"listening soon", "listening on 3000"});
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  const auto marks = fakes::events_of<model::StartupMeasured>(journal_).at(0).marks;
  ASSERT_TRUE(marks.first_good);
  EXPECT_EQ(*marks.first_good - marks.start_call, std::chrono::milliseconds(150)) << "not when it was read";
}

TEST_F(OwnStackTest, TakesTheTimeOfReadingWhereTheEnginesClockIsAnother) {
  ready_by(model::ReadyBy::log, "up");
  engine_.on_follow([this](const fakes::FakeContainer&) {
    clock_.advance(std::chrono::milliseconds(250));
    return std::vector<fakes::FakeContainerEngine::Line>{{"up", clock_.wall_now() + std::chrono::hours(1)}};
  });
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  const auto marks = fakes::events_of<model::StartupMeasured>(journal_).at(0).marks;
  EXPECT_EQ(*marks.first_good - marks.start_call, std::chrono::milliseconds(250));
}

TEST_F(OwnStackTest, SaysWhatItWroteInsteadOfTheLine) {
  ready_by(model::ReadyBy::log, "Listening on");
  app_writes({"starting", "listening on 3000"});
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::never_ready);
  EXPECT_EQ(
      trials()[0].reason,
      "no line of its output matched \"Listening on\" (readiness.pattern of its stack.yaml) within 1 min; it wrote 2 "
      "lines, the last: listening on 3000");
}

TEST_F(OwnStackTest, SaysThatItsServerEndedBeforeTheLine) {
  ready_by(model::ReadyBy::log, "up");
  engine_.on_follow([this](const fakes::FakeContainer& app) {
    engine_.exit_container(app.spec.name, 3);
    return std::vector<fakes::FakeContainerEngine::Line>{{"no such module", clock_.wall_now()}};
  });
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::crashed);
  EXPECT_THAT(trials()[0].reason, HasSubstr("exit code 3"));
}

TEST_F(OwnStackTest, SaysThatNobodyListensWhereItShould) {
  never_ready();
  sampler_.listen({{"0.0.0.0", 3001}});
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::port_mismatch);
  EXPECT_EQ(trials()[0].reason, "it listens on port 3001, not on 3000 (run.port of its stack.yaml)");
}

TEST_F(OwnStackTest, SaysThatNobodyListensAfterTheLine) {
  ready_by(model::ReadyBy::log, "up");
  app_writes({"up"});
  never_ready();
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_EQ(
      trials()[0].reason,
      "the line of its log came, but port 3000 (run.port of its stack.yaml) took no connection within 1 min; last "
      "attempt: connect: Connection refused");
}

TEST_F(OwnStackTest, SaysWhichPathWasNotAnsweredWell) {
  fakes::LoadScript script;
  script.good_after.reset();
  script.status_before_good = 404;
  load_.script(script);
  orders_.readiness.path = "/healthz";
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_EQ(
      trials()[0].reason,
      "/healthz (readiness.path of its stack.yaml) did not answer 2xx on port 3000 within 1 min; last answer: status "
      "404");
}

// ---- services ----

model::Service redis(const std::string& name) {
  model::Service s;
  s.name = name;
  s.hash = "sha256:" + name;
  s.image = "redis:7";
  s.ready.timeout = std::chrono::seconds(5);
  s.ready_port = 6379;
  s.reset_by = model::ResetBy::restart;
  s.app_env = {{"REDIS_URL", "redis://{host}:{port}/{address}"}};
  return s;
}

class OwnServiceTest : public OwnStackTest {
 protected:
  OwnServiceTest() {
    engine_.add_image("redis:7");
    orders_.services["orders.redis"] = {};
    job_.services = {redis("orders.redis")};
  }
};

TEST_F(OwnServiceTest, IsFoundByItsNameAndStartedAnewForEachTrial) {
  std::vector<std::string> addresses;
  std::vector<ports::ContainerSpec> sandboxes;
  std::vector<std::string> urls;
  engine_.on_started([&](const fakes::FakeContainer& c) {
    const std::string& role = c.spec.labels.at("stackdyno.role");
    if (role == "service") {
      addresses.push_back(c.status.address);
      EXPECT_TRUE(c.spec.is_user_of_image);
      EXPECT_EQ(std::get<ports::JoinNetwork>(c.spec.network).aliases, (std::vector<std::string>{"redis"}));
    }
    if (role == "sandbox") sandboxes.push_back(c.spec);
    if (role == "app") urls.push_back(c.spec.env.at("REDIS_URL"));
  });
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  ASSERT_EQ(sandboxes.size(), 4U);
  ASSERT_EQ(addresses.size(), 5U) << "one for the run, and a new one for each trial";
  for (std::size_t i = 0; i < sandboxes.size(); ++i) {
    EXPECT_EQ(sandboxes[i].hosts.at("redis"), addresses[i + 1]);
    EXPECT_EQ(urls[i], "redis://redis:6379/" + addresses[i + 1]);
  }
  EXPECT_EQ(fakes::events_of<model::ServiceReset>(journal_).size(), 4U);
  expect_clean();
}

// Two versions are orders@main and orders@worktree, each with its own; the engine takes no such name.
TEST_F(OwnServiceTest, OfTwoVersionsHasANameThatTheEngineTakes) {
  job_.services.clear();
  engine_.add_image("shop/orders:1", image_);
  job_.stacks.clear();
  for (const std::string name : {"orders@main", "orders+main"}) {
    model::Stack version = orders_;
    version.name = name;
    version.services = {{name + ".redis", {}}};
    job_.stacks.push_back(version);
    job_.services.push_back(redis(name + ".redis"));
  }
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_GT(count_calls("create_container dyno-instance-6c1d8e44-orders_main.redis"), 0);
  EXPECT_GT(count_calls("create_container dyno-instance-6c1d8e44-orders__main.redis"), 0);
}

TEST_F(OwnServiceTest, OfTheSameNameInTwoStacksBelongsToEach) {
  model::Stack baskets = orders_;
  baskets.name = "baskets";
  baskets.services = {{"baskets.redis", {}}};
  job_.services = {redis("baskets.redis"), redis("orders.redis")};
  std::map<std::string, std::string> addresses;
  std::map<std::string, std::string> found;
  engine_.on_started([&](const fakes::FakeContainer& c) {
    const std::string& role = c.spec.labels.at("stackdyno.role");
    if (role == "service") {
      addresses[c.spec.name.substr(c.spec.name.rfind('-') + 1)] = c.status.address;
      EXPECT_TRUE(std::get<ports::JoinNetwork>(c.spec.network).aliases.empty()) << "either might answer";
    }
    if (role == "sandbox") found[c.spec.name] = c.spec.hosts.at("redis");
    if (role != "app") return;
    const std::string& address = found.rbegin()->second;
    const std::string owner = c.spec.env.at("WHO") + ".redis";
    EXPECT_EQ(address, addresses[owner]);
    found.clear();
  });
  orders_.run.env = {{"WHO", "orders"}};
  baskets.run.env = {{"WHO", "baskets"}};
  engine_.add_image("shop/orders:1", image_);
  job_.stacks = {orders_, baskets};
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
}

TEST_F(OwnServiceTest, IsNotStartedAnewWhereItsFileAsksForNone) {
  job_.services[0].reset_by = model::ResetBy::none;
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  EXPECT_EQ(count_calls("start_container dyno-instance-6c1d8e44-orders.redis"), 1);
}

TEST_F(OwnServiceTest, GetsItsFilesBeforeEachStart) {
  const std::string folder = testing::TempDir() + "own-service";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/seed.sql") << "SELECT 1;";
  job_.services[0].folder = folder;
  job_.services[0].files = {{"seed.sql", "/seed/seed.sql"}};
  job_.services[0].run.writable = true;
  std::vector<std::string> copied;
  engine_.on_started([&](const fakes::FakeContainer& c) {
    for (const auto& file : c.copied) copied.push_back(file.path + " " + file.bytes);
  });
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  EXPECT_THAT(copied, testing::AllOf(testing::SizeIs(5), testing::Each("/seed/seed.sql SELECT 1;")));
  std::filesystem::remove(folder + "/seed.sql");
  std::filesystem::create_symlink("/etc/passwd", folder + "/seed.sql");
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_EQ(last_reason(),
            "the service orders.redis: its file seed.sql (files in its service.yaml) lies outside of its folder");
  std::filesystem::remove_all(folder);
  expect_clean();
}

TEST_F(OwnServiceTest, SaysThatNobodyListensOnItsPort) {
  never_ready();
  EXPECT_EQ(execute_orders(), RunState::failed);
  EXPECT_EQ(last_reason(),
            "the service orders.redis: not ready within 5.00 s: nothing took a connection on port 6379 (ready in its "
            "service.yaml); last attempt: connect: Connection refused; its last output: ");
  expect_clean();
}

TEST_F(OwnServiceTest, FailsTheTrialWhereItCannotBeStartedAnew) {
  engine_.add_fault({"create_container dyno-instance-6c1d8e44-orders.redis", {ErrorCode::io, "planted"}, 1, 1});
  EXPECT_EQ(execute_orders(), RunState::succeeded) << last_reason();
  EXPECT_EQ(trials()[0].failure, TrialFailure::service_lost);
  EXPECT_THAT(trials()[0].reason, HasSubstr("service orders.redis: creating its container: planted"));
  EXPECT_EQ(trials()[1].state, model::TrialState::succeeded) << "the next one tries again";
  expect_clean();
}

}  // namespace
}  // namespace dyno::run
