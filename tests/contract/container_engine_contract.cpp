#include "contract/container_engine_contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/clock.h"

namespace dyno::tests {
namespace {

namespace fs = std::filesystem;

using ports::ContainerSpec;
using ports::JoinContainer;
using ports::JoinNetwork;
using ports::ObjectKind;
using ::testing::HasSubstr;

constexpr Nanos kGrace = std::chrono::seconds(5);

class ContainerEngineContract : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!world_->why_not().empty()) GTEST_SKIP() << world_->why_not();
    const auto image = engine().import_program(world_->program_path(), world_->unique("image"), world_->labels());
    ASSERT_TRUE(image) << image.error().message;
    image_ = *image;
  }

  void TearDown() override {
    if (!world_->why_not().empty()) return;
    EXPECT_EQ(world_->clean_up(), "");
  }

  ports::ContainerEngine& engine() { return world_->engine(); }

  std::string network() {
    const auto id = engine().create_network(world_->unique("net"), world_->labels());
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or("");
  }

  ContainerSpec spec(std::vector<std::string> command, ports::NetworkChoice choice) {
    ContainerSpec spec;
    spec.name = world_->unique("c");
    spec.image_id = image_;
    spec.command = std::move(command);
    spec.labels = world_->labels();
    spec.user = "65532";
    spec.memory = mib(32);
    spec.network = std::move(choice);
    return spec;
  }

  std::string created(const ContainerSpec& spec) {
    const auto id = engine().create_container(spec);
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or("");
  }

  std::string started(const ContainerSpec& spec) {
    const std::string id = created(spec);
    const auto status = engine().start_container(id);
    EXPECT_TRUE(status) << status.error().message;
    return id;
  }

  // Once the container has ended by itself.
  ports::ContainerStatus ended(const std::string& id) {
    RealClock clock;
    const MonotonicTime deadline = clock.now() + std::chrono::seconds(20);
    auto status = engine().inspect_container(id);
    while (status && status->state != "exited" && clock.now() < deadline) {
      wait_for(clock, std::chrono::milliseconds(20), {});
      status = engine().inspect_container(id);
    }
    EXPECT_TRUE(status) << status.error().message;
    return status.value_or(ports::ContainerStatus{});
  }

  std::unique_ptr<EngineUnderTest> world_ = make_engine_under_test();
  std::string image_;
};

TEST_F(ContainerEngineContract, DescribesItself) {
  const auto description = engine().describe();
  ASSERT_TRUE(description) << description.error().message;
  EXPECT_FALSE(description->engine.empty());
  EXPECT_FALSE(description->api_version.empty());
  EXPECT_FALSE(description->storage_driver.empty());
  EXPECT_THAT(description->cgroup_version, ::testing::AnyOf("1", "2"));
  EXPECT_GT(description->cpus, 0);
  EXPECT_GT(description->memory, mib(1));
}

TEST_F(ContainerEngineContract, KnowsTheImageItMade) {
  const std::string tag = world_->unique("named") + ":v1";
  const auto id = engine().import_program(
      world_->program_path(), tag,
      {{"stackdyno.instance", world_->labels().at("stackdyno.instance")}, {"odd", "a \"b\" $c \\d"}});
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_THAT(*id, ::testing::StartsWith("sha256:"));
  for (const std::string& name : {tag, *id}) {
    const auto image = engine().inspect_image(name);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->id, *id);
    EXPECT_GT(image->size.value, 0);
    EXPECT_EQ(image->labels.at("odd"), "a \"b\" $c \\d");
  }
  EXPECT_TRUE(engine().remove_image(*id));
  EXPECT_EQ(engine().inspect_image(tag).error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, ForgetsTheCachedFilesOfAnImage) {
  const auto outcome = engine().evict_image(image_);
  if (!outcome && outcome.error().code == ErrorCode::unsupported) GTEST_SKIP() << outcome.error().message;
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GT(outcome->size.value, 0);
  EXPECT_EQ(outcome->resident.value, 0);
  const auto absent = engine().evict_image("stackdyno/never-was");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, SaysNotFoundOfWhatIsNotThere) {
  EXPECT_EQ(engine().inspect_image("stackdyno/nobody-made-this").error().code, ErrorCode::not_found);
  EXPECT_EQ(engine().inspect_container("nobody").error().code, ErrorCode::not_found);
  EXPECT_EQ(engine().start_container("nobody").error().code, ErrorCode::not_found);
  EXPECT_EQ(engine().stop_container("nobody", kGrace).error().code, ErrorCode::not_found);
  EXPECT_EQ(engine().container_log("nobody", kib(1)).error().code, ErrorCode::not_found);
  ContainerSpec lost = spec({"pause"}, JoinNetwork{network()});
  lost.image_id = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
  EXPECT_EQ(engine().create_container(lost).error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, RemovesWhatIsNotThereWithSuccess) {
  EXPECT_TRUE(engine().remove_container("nobody"));
  EXPECT_TRUE(engine().remove_network("nobody"));
  EXPECT_TRUE(engine().remove_image("stackdyno/nobody-made-this"));
  const std::string id = created(spec({"pause"}, JoinNetwork{network()}));
  EXPECT_TRUE(engine().remove_container(id));
  EXPECT_TRUE(engine().remove_container(id));
}

// A folder of its own, with a Dockerfile that labels its image.
class ContextFolder {
 public:
  ContextFolder() {
    std::string pattern = (fs::temp_directory_path() / "dyno-context-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~ContextFolder() { fs::remove_all(folder_); }
  ContextFolder(const ContextFolder&) = delete;
  ContextFolder& operator=(const ContextFolder&) = delete;

  void label(const std::string& word) const {
    std::ofstream(folder_ / "Dockerfile") << "FROM scratch\nLABEL word=" << word << "\nCOPY Dockerfile /Dockerfile\n";
  }
  std::string path() const { return folder_.string(); }

 private:
  fs::path folder_;
};

TEST_F(ContainerEngineContract, PacksTheSameFilesToTheSameHash) {
  const ContextFolder folder;
  folder.label("first");
  const auto first = engine().pack_context(folder.path(), "Dockerfile", {});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->dockerfile, "Dockerfile");
  EXPECT_EQ(first->dockerfile_text, "FROM scratch\nLABEL word=first\nCOPY Dockerfile /Dockerfile\n");
  EXPECT_EQ(first->hash.size(), 64U);
  EXPECT_GT(first->bytes.size(), 0U);
  fs::last_write_time(folder.path() + "/Dockerfile", fs::file_time_type::clock::now() - std::chrono::hours(5));
  EXPECT_EQ(engine().pack_context(folder.path(), "Dockerfile", {})->hash, first->hash);
  folder.label("second");
  EXPECT_NE(engine().pack_context(folder.path(), "Dockerfile", {})->hash, first->hash);
  EXPECT_EQ(engine().pack_context(folder.path(), "Nofile", {}).error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, BuildsWhatWasPackedWhateverTheFolderHoldsByThen) {
  const ContextFolder folder;
  folder.label("packed");
  const auto context = engine().pack_context(folder.path(), "Dockerfile", {});
  ASSERT_TRUE(context) << context.error().message;
  folder.label("edited");
  ports::BuildRequest request;
  request.tag = "stackdyno/" + world_->unique("built") + ":1";
  request.labels = world_->labels();
  for (int i = 0; i < 2; ++i) {
    const auto built = engine().build_image(*context, request, {}, {});
    ASSERT_TRUE(built) << built.error().message;
    const auto image = engine().inspect_image(built->image_id);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->labels.at("word"), "packed");
  }
}

TEST_F(ContainerEngineContract, ACreatedContainerDoesNotRun) {
  const auto status = engine().inspect_container(created(spec({"pause"}, JoinNetwork{network()})));
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->state, "created");
  EXPECT_EQ(status->pid, 0);
}

TEST_F(ContainerEngineContract, TheSameSpecAgainIsTheSameContainer) {
  const ContainerSpec once = spec({"pause"}, JoinNetwork{network()});
  const std::string id = created(once);
  EXPECT_EQ(created(once), id);
  EXPECT_TRUE(engine().start_container(id));
  EXPECT_EQ(engine().create_container(once).error().code, ErrorCode::conflict)
      << "a container that was started is not fresh";
}

TEST_F(ContainerEngineContract, ATakenNameIsAConflict) {
  const ContainerSpec first = spec({"pause"}, JoinNetwork{network()});
  created(first);
  ContainerSpec second = first;
  second.env["OTHER"] = "1";
  EXPECT_EQ(engine().create_container(second).error().code, ErrorCode::conflict);
}

TEST_F(ContainerEngineContract, RefusesANameThatNoContainerMayHave) {
  const ContainerSpec good = spec({"pause"}, JoinNetwork{network()});
  for (const char* const wrong : {"@main", "+pq", "/inner"}) {
    ContainerSpec odd = good;
    odd.name += wrong;
    const auto id = engine().create_container(odd);
    ASSERT_FALSE(id) << odd.name;
    EXPECT_EQ(id.error().code, ErrorCode::invalid_argument) << id.error().message;
    EXPECT_THAT(id.error().message, HasSubstr("Invalid container name"));
  }
}

TEST_F(ContainerEngineContract, RefusesRootAndMissingLimits) {
  ContainerSpec root = spec({"pause"}, JoinNetwork{network()});
  root.user = "0";
  EXPECT_EQ(engine().create_container(root).error().code, ErrorCode::invalid_argument);
  ContainerSpec boundless = spec({"pause"}, JoinNetwork{network()});
  boundless.memory = Bytes{0};
  EXPECT_EQ(engine().create_container(boundless).error().code, ErrorCode::invalid_argument);
}

TEST_F(ContainerEngineContract, StartsAndStops) {
  const std::string id = started(spec({"pause"}, JoinNetwork{network()}));
  const auto running = engine().inspect_container(id);
  ASSERT_TRUE(running) << running.error().message;
  EXPECT_EQ(running->state, "running");
  EXPECT_GT(running->pid, 0);
  EXPECT_TRUE(engine().start_container(id)) << "a start of what runs is done already";
  const auto stopped = engine().stop_container(id, kGrace);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_FALSE(stopped->forced);
  EXPECT_EQ(stopped->exit_code, 0);
  EXPECT_GT(stopped->duration, Nanos(0));
  EXPECT_LT(stopped->duration, kGrace);
  const auto exited = engine().inspect_container(id);
  ASSERT_TRUE(exited) << exited.error().message;
  EXPECT_EQ(exited->state, "exited");
  EXPECT_EQ(exited->pid, 0);
  const auto again = engine().stop_container(id, kGrace);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->forced);
}

TEST_F(ContainerEngineContract, ForcesADeafContainerToStop) {
  const std::string id = started(spec({"deaf"}, JoinNetwork{network()}));
  constexpr Nanos kShort = std::chrono::milliseconds(300);
  const auto stopped = engine().stop_container(id, kShort);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_TRUE(stopped->forced);
  EXPECT_EQ(stopped->exit_code, 137);
  EXPECT_GE(stopped->duration, kShort);
}

TEST_F(ContainerEngineContract, TellsTheExitCode) {
  EXPECT_EQ(ended(started(spec({"exit", "42"}, JoinNetwork{network()}))).exit_code, 42);
  const auto stopped = engine().stop_container(started(spec({"exit", "7"}, JoinNetwork{network()})), kGrace);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_EQ(stopped->exit_code, 7);
  EXPECT_FALSE(stopped->forced);
}

TEST_F(ContainerEngineContract, AFailedStartLeavesItsReason) {
  ContainerSpec broken = spec({"pause"}, JoinNetwork{network()});
  broken.entrypoint = {"/no/such/program"};
  const std::string id = created(broken);
  const auto status = engine().start_container(id);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(status.error().message, HasSubstr("/no/such/program"));
  const auto left = engine().inspect_container(id);
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(left->state, "created");
  EXPECT_THAT(left->error, HasSubstr("/no/such/program"));
  EXPECT_TRUE(engine().remove_container(id));
  EXPECT_EQ(engine().inspect_container(id).error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, KeepsTheLastOutput) {
  const std::string id = started(spec({"say", "to stdout", "to stderr"}, JoinNetwork{network()}));
  EXPECT_EQ(ended(id).exit_code, 3);
  const auto log = engine().container_log(id, kib(64));
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->size(), std::string("to stdout\nto stderr\n").size());
  EXPECT_THAT(*log, HasSubstr("to stdout\n"));
  EXPECT_THAT(*log, HasSubstr("to stderr\n"));
  EXPECT_EQ(engine().logged_since(id, wall_from_ns(0)).value_or(Bytes{}), Bytes{20});
  const auto end = engine().container_log(id, Bytes{4});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(*end, log->substr(log->size() - 4));
}

TEST_F(ContainerEngineContract, FollowsWhatIsWrittenUntilTheEndOrAsFarAsIsWanted) {
  const std::string net = network();
  const std::string id = started(spec({"say", "to stdout", "to stderr"}, JoinNetwork{net}));
  std::vector<std::string> lines;
  const auto keep = [&lines](const ports::LoggedLine& line) {
    lines.emplace_back(line.text);
    return true;
  };
  const auto whole = engine().follow_log(id, keep, std::chrono::seconds(20), {});
  EXPECT_TRUE(whole) << whole.error().message;
  EXPECT_THAT(lines, ::testing::UnorderedElementsAre("to stdout", "to stderr"));
  int seen = 0;
  const auto first = engine().follow_log(id, [&seen](const ports::LoggedLine&) { return ++seen < 1; }, kGrace, {});
  EXPECT_TRUE(first) << first.error().message;
  EXPECT_EQ(seen, 1);
  const std::string silent = started(spec({"pause"}, JoinNetwork{net}));
  const auto none = engine().follow_log(silent, keep, std::chrono::milliseconds(300), {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::timed_out);
  EXPECT_EQ(engine().follow_log("nobody", keep, kGrace, {}).error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, CopiesFilesBeforeTheStart) {
  std::ifstream in(world_->program_path(), std::ios::binary);
  const std::string program{std::istreambuf_iterator<char>(in), {}};
  ContainerSpec copying = spec({"pause"}, JoinNetwork{network()});
  copying.entrypoint = {"/deep/folder/copied"};
  copying.writable = true;
  const std::string id = created(copying);
  const auto copied =
      engine().copy_into(id, {{"/deep/folder/copied", program, true}, {"/seed.sql", "SELECT 1;", false}});
  EXPECT_TRUE(copied) << copied.error().message;
  const auto run = engine().start_container(id);
  EXPECT_TRUE(run) << run.error().message;
  EXPECT_EQ(engine().copy_into("nobody", {{"/x", "y", false}}).error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, CopiesNothingIntoAReadOnlyRoot) {
  const std::string id = created(spec({"pause"}, JoinNetwork{network()}));
  const auto copied = engine().copy_into(id, {{"/x", "y", false}});
  ASSERT_FALSE(copied);
  EXPECT_THAT(copied.error().message, HasSubstr("read-only"));
}

TEST_F(ContainerEngineContract, PullsNothingThatNoRegistryHas) {
  const auto pulled = engine().pull_image("registry.invalid/nobody/made-this:1", {}, {});
  ASSERT_FALSE(pulled);
  EXPECT_EQ(pulled.error().code, ErrorCode::not_found) << pulled.error().message;
}

TEST_F(ContainerEngineContract, MakesAContainerOfTheImagesUserAndKnownByNames) {
  ContainerSpec own = spec({"pause"}, JoinNetwork{network(), {"redis"}});
  own.is_user_of_image = true;
  own.user.clear();
  own.writable = true;
  own.hosts = {{"db", "10.99.0.7"}};
  const std::string id = started(own);
  const auto status = engine().inspect_container(id);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->state, "running");
}

TEST_F(ContainerEngineContract, RunsACommandInARunningContainer) {
  const std::string id = started(spec({"pause"}, JoinNetwork{network()}));
  const auto said = engine().exec(id, {"/docker_test_program", "say", "to stdout", "to stderr"}, kGrace, {});
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->exit_code, 3);
  EXPECT_THAT(said->output, HasSubstr("to stdout\n"));
  EXPECT_THAT(said->output, HasSubstr("to stderr\n"));
  const auto silent = engine().exec(id, {"/docker_test_program", "exit", "0"}, kGrace, {});
  ASSERT_TRUE(silent) << silent.error().message;
  EXPECT_EQ(silent->exit_code, 0);
  EXPECT_EQ(silent->output, "");
  ASSERT_TRUE(engine().stop_container(id, kGrace));
  EXPECT_EQ(engine().exec(id, {"/docker_test_program", "exit", "0"}, kGrace, {}).error().code, ErrorCode::conflict);
  EXPECT_EQ(engine().exec("nobody", {"/x"}, kGrace, {}).error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, AJoinedContainerSharesTheSandboxsNetwork) {
  const std::string net = network();
  const std::string sandbox = started(spec({"pause"}, JoinNetwork{net}));
  const std::string app = started(spec({"pause"}, JoinContainer{sandbox}));
  const auto owner = engine().inspect_container(sandbox);
  const auto guest = engine().inspect_container(app);
  ASSERT_TRUE(owner && guest);
  EXPECT_FALSE(owner->address.empty());
  EXPECT_EQ(guest->address, "");
  EXPECT_EQ(engine().remove_network(net).error().code, ErrorCode::conflict) << "it is in use";
  EXPECT_TRUE(engine().remove_container(app));
  EXPECT_TRUE(engine().remove_container(sandbox));
  EXPECT_TRUE(engine().remove_network(net));
}

TEST_F(ContainerEngineContract, AContainerDoesNotStartInADeadSandbox) {
  const std::string sandbox = started(spec({"pause"}, JoinNetwork{network()}));
  const std::string app = created(spec({"pause"}, JoinContainer{sandbox}));
  ASSERT_TRUE(engine().stop_container(sandbox, kGrace));
  EXPECT_EQ(engine().start_container(app).error().code, ErrorCode::conflict);
  EXPECT_TRUE(engine().remove_container(sandbox));
  EXPECT_EQ(engine().start_container(app).error().code, ErrorCode::not_found);
}

TEST_F(ContainerEngineContract, ANetworkNameIsUnique) {
  const std::string name = world_->unique("net");
  const auto first = engine().create_network(name, world_->labels());
  ASSERT_TRUE(first) << first.error().message;
  const auto same = engine().create_network(name, world_->labels());
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(*same, *first);
  auto other = world_->labels();
  other["stackdyno.run"] = "another";
  EXPECT_EQ(engine().create_network(name, other).error().code, ErrorCode::conflict);
}

TEST_F(ContainerEngineContract, ListsEverythingWithTheLabelAndNothingElse) {
  const std::string net = network();
  const std::string never_started = created(spec({"pause"}, JoinNetwork{net}));
  const std::string over = started(spec({"exit", "0"}, JoinNetwork{net}));
  ended(over);
  const std::string instance = world_->labels().at("stackdyno.instance");
  const auto objects = engine().list_labelled("stackdyno.instance", instance);
  ASSERT_TRUE(objects) << objects.error().message;
  const auto has = [&](ObjectKind kind, const std::string& id) {
    return std::any_of(objects->begin(), objects->end(), [&](const ports::OwnedObject& o) {
      return o.kind == kind && o.id == id && o.labels.at("stackdyno.instance") == instance && !o.name.empty();
    });
  };
  EXPECT_TRUE(has(ObjectKind::container, never_started));
  EXPECT_TRUE(has(ObjectKind::container, over));
  EXPECT_TRUE(has(ObjectKind::network, net));
  EXPECT_TRUE(has(ObjectKind::image, image_));
  EXPECT_EQ(objects->size(), 4U);
  const auto none = engine().list_labelled("stackdyno.instance", instance + "-of-another");
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_TRUE(none->empty());
}

}  // namespace
}  // namespace dyno::tests
