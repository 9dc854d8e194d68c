#include "run/images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "contract/image_content.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_container_engine.h"
#include "fakes/fake_host.h"
#include "fakes/fake_load_driver.h"
#include "fakes/fake_sampler.h"
#include "fakes/memory_journal.h"

namespace dyno::run {
namespace {

class ImagesTest : public testing::Test {
 protected:
  ImagesTest() {
    stack_.name = "alpha";
    stack_.folder = "/stacks/alpha";
    stack_.hash = "sha256:scanned";
  }
  model::RunStack prepare(const FileChecks& checks = {}) {
    auto made = prepare_image(engine_, stack_, checks, {});
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : model::RunStack{};
  }

  fakes::FakeContainerEngine engine_;
  model::Stack stack_;
};

TEST_F(ImagesTest, AnEditIsMeasuredWithoutARescan) { tests::expect_an_edit_to_be_measured(engine_, "edited"); }

TEST_F(ImagesTest, ARevertedEditLeavesNoImageUnderTheCleanContent) {
  tests::expect_a_reverted_edit_to_leave_no_image(engine_, "reverted");
}

TEST_F(ImagesTest, AnotherDockerfileArgumentOrBaseIsAnotherImage) {
  engine_.add_image("node:26");
  std::set<std::string> ids{prepare().image_id};
  stack_.build.dockerfile = "Dockerfile.tuned";
  ids.insert(prepare().image_id);
  stack_.build.args["MODE"] = "fast";
  ids.insert(prepare().image_id);
  stack_.build.base = {{"RUN_IMAGE", "node:26", "stackdyno/base-node-26"}};
  const model::RunStack with_base = prepare();
  ids.insert(with_base.image_id);
  EXPECT_EQ(ids.size(), 4U);
  EXPECT_FALSE(prepare().build) << "nothing has changed since";
}

TEST_F(ImagesTest, ATagThatSomebodyMovedIsNotBelieved) {
  const model::RunStack first = prepare();
  const std::vector<std::string> calls = engine_.calls();
  const auto build =
      std::find_if(calls.begin(), calls.end(), [](const auto& c) { return c.starts_with("build_image "); });
  ASSERT_NE(build, calls.end());
  ASSERT_TRUE(engine_.remove_image(first.image_id));
  engine_.add_image(build->substr(12), {.id = "sha256:foreign", .size = mib(1), .labels = {}, .repo_digests = {}});
  const model::RunStack second = prepare();
  EXPECT_TRUE(second.build);
  EXPECT_EQ(second.image_id, first.image_id);
}

TEST_F(ImagesTest, WhatTheEngineCouldNotDoIsNotTheStacksFault) {
  struct Row {
    const char* call;
    ErrorCode code;
    const char* failure;
  };
  const Row rows[] = {
      {"build_image", ErrorCode::invalid_argument, "build_failed: planted"},
      {"build_image", ErrorCode::timed_out, "build_failed: planted"},
      {"build_image", ErrorCode::io, "engine_lost: planted"},
      {"build_image", ErrorCode::protocol, "engine_lost: planted"},
      {"build_image", ErrorCode::storage, "machine_failed: no room where the engine keeps its images: planted"},
      {"pack_context", ErrorCode::storage, "machine_failed: planted"},
      {"inspect_image node:26", ErrorCode::io, "engine_lost: planted"},
      {"inspect_image node:26", ErrorCode::invalid_argument, "build_failed: planted"},
      {"inspect_image stackdyno/alpha", ErrorCode::io, "engine_lost: looking for the image"},
      {"pack_context", ErrorCode::io, "machine_failed: planted"},
      {"pack_context", ErrorCode::exhausted, "build_failed: planted"},
      {"pack_context", ErrorCode::not_found, "build_failed: planted"},
  };
  for (const Row& row : rows) {
    fakes::FakeContainerEngine engine;
    engine.add_image("node:26");
    engine.add_fault({.pattern = row.call, .error = {row.code, "planted"}});
    stack_.build.base = {{"RUN_IMAGE", "node:26", "stackdyno/base-node-26"}};
    const auto made = prepare_image(engine, stack_, {}, {});
    ASSERT_TRUE(made) << row.call << ": " << made.error().message;
    EXPECT_THAT(made->failure, testing::StartsWith(row.failure)) << row.call;
  }
}

TEST_F(ImagesTest, AFileThatSaysSomethingElseByNowIsAFailureOfTheStack) {
  const FileChecks changed{.stack = [](const model::Stack&) -> Status {
                             return fail(ErrorCode::conflict,
                                         "changed: /stacks/alpha/stack.yaml: run `dyno stack rescan`");
                           },
                           .service = {}};
  const model::RunStack made = prepare(changed);
  EXPECT_THAT(made.failure, testing::HasSubstr("dyno stack rescan"));
  EXPECT_EQ(made.image_id, "");
  for (const std::string& call : engine_.calls()) EXPECT_FALSE(call.starts_with("build_image")) << call;
}

TEST_F(ImagesTest, TheSandboxIsMadeOfTheProgramThatIsThereNow) {
  fakes::FakeClock clock;
  fakes::FakeLoadDriver load(clock);
  fakes::FakeSampler sampler(clock);
  fakes::FakeHost host(clock, engine_, load, sampler);
  fakes::MemoryJournal journal;
  const Rig rig{.host = host, .journal = journal, .instance = "instance"};
  const std::string a(64, 'a');
  const std::string b(64, 'b');
  const auto first = prepare_sandbox_image(rig);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(prepare_sandbox_image(rig), first);
  host.exec_hashes({b});
  const auto rebuilt = prepare_sandbox_image(rig);
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_NE(*rebuilt, *first);

  // Somebody gave the tag to another image.
  ASSERT_TRUE(engine_.remove_image(*rebuilt));
  engine_.add_image("stackdyno/sandbox:" + b.substr(0, 16),
                    {.id = "sha256:foreign", .size = mib(1), .labels = {}, .repo_digests = {}});
  EXPECT_EQ(prepare_sandbox_image(rig), rebuilt);

  ASSERT_TRUE(engine_.remove_image(*first));
  ASSERT_TRUE(engine_.remove_image(*rebuilt));
  host.exec_hashes({a, b});
  EXPECT_EQ(prepare_sandbox_image(rig).error().message,
            "/opt/dyno-exec changed while it was read; start the run again");
  EXPECT_FALSE(engine_.inspect_image("stackdyno/sandbox:" + a.substr(0, 16))) << "its bytes are not those of its tag";
}

TEST_F(ImagesTest, Row28TheEngineIsNeverAskedToFetch) {
  const char* const rows[] = {"FROM scratch\nADD http://127.0.0.1:8080/api/v1/runs /x\n",
                              "FROM scratch\nCOPY --from=nginx:1 /x /y\n", "FROM nginx:1\n"};
  for (const char* const row : rows) {
    engine_.set_content("/stacks/alpha", row);
    const model::RunStack made = prepare();
    EXPECT_THAT(made.failure, testing::StartsWith("build_failed: ")) << row;
  }
  for (const std::string& call : engine_.calls()) EXPECT_FALSE(call.starts_with("build_image")) << call;
}

TEST_F(ImagesTest, Row28AnImageThatTheDockerfileNamesIsRecorded) {
  engine_.add_image("nginx:1", {.id = "sha256:one", .size = mib(1), .labels = {}, .repo_digests = {}});
  engine_.set_content("/stacks/alpha", "FROM nginx:1\n");
  const model::RunStack first = prepare();
  EXPECT_EQ(first.failure, "");
  EXPECT_EQ(first.bases, "FROM=nginx:1@sha256:one");
  EXPECT_EQ(first.base_kind, "official");
  ASSERT_TRUE(engine_.remove_image("nginx:1"));
  engine_.add_image("nginx:1", {.id = "sha256:two", .size = mib(1), .labels = {}, .repo_digests = {}});
  EXPECT_NE(prepare().image_id, first.image_id) << "another base is another image";
}

TEST_F(ImagesTest, Row35AnEntryPointThatHeedsNoCommandIsSaid) {
  engine_.set_content("/stacks/alpha", "FROM scratch\nENTRYPOINT exec node server.js\n");
  EXPECT_THAT(prepare().failure, testing::HasSubstr("(exec node server.js), which heeds no run.command"));
}

TEST_F(ImagesTest, Row28ABaseBringsNoInstructionsOfItsOwn) {
  engine_.add_image("trap:1", {.id = "sha256:trap",
                               .size = mib(1),
                               .labels = {},
                               .repo_digests = {},
                               .on_build = {"ADD http://127.0.0.1/x /x"}});
  engine_.set_content("/stacks/alpha", "FROM trap:1\n");
  EXPECT_THAT(prepare().failure, testing::HasSubstr("ONBUILD"));
  stack_.build.base = {{"RUN_IMAGE", "trap:1", "stackdyno/base-node-26"}};
  EXPECT_THAT(prepare().failure, testing::HasSubstr("ONBUILD"));
}

}  // namespace
}  // namespace dyno::run
