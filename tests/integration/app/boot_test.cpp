// A daemon's start against an engine on the wire: what it does before it has its port, and what it answers before it is ready.
#include "app/app.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "fakes/fake_docker_server.h"
#include "integration/api/held_port.h"
#include "integration/api/raw_client.h"
#include "store/database.h"
#include "store/event_feed.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::app {
namespace {

namespace fs = std::filesystem;
using api::HeldPort;

class BootTest : public testing::Test {
 protected:
  BootTest() {
    std::string folder = (fs::temp_directory_path() / "dyno-boot-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    fs::create_directories(folder_ / "stacks");
    fs::create_directories(folder_ / "profiles");
    config_.data_dir = folder_ / "data";
    config_.stacks_dirs = {folder_ / "stacks"};
    config_.profiles_dir = folder_ / "profiles";
    config_.engine_socket = engine_.socket_path();
    config_.runner_dir = DYNO_BIN_DIR;
  }
  ~BootTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // A run that the last life of the daemon left queued; its id.
  std::string leave_queued_run() const {
    fs::create_directories(config_.data_dir);
    auto database = store::Database::open(config_.data_dir + "/stackdyno.db");
    EXPECT_TRUE(database);
    store::EventFeed feed;
    model::Job job;
    job.request.stacks = {"gone"};
    job.request.profile = "quick";
    return store::RunRepository(**database, feed).enqueue(job, wall_from_ns(1'767'225'600'000'000'000))->run_id;
  }
  model::RunState state_of(const std::string& run_id) const {
    auto database = store::Database::open(config_.data_dir + "/stackdyno.db");
    EXPECT_TRUE(database);
    return store::Reader(**database).run(run_id)->state;
  }
  std::string get(const std::string& path) const {
    return api::ask_raw(config_.listen_port,
                        fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", path, config_.listen_port));
  }

  fs::path folder_;
  fakes::FakeDockerServer engine_;
  Config config_;
};

TEST_F(BootTest, ADaemonWithoutItsPortTouchesNothing) {
  HeldPort port;
  config_.listen_port = port.number();
  const std::string run_id = leave_queued_run();
  const auto refused = App::start(config_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find(fmt::format("listening on 127.0.0.1:{}", port.number())), std::string::npos)
      << refused.error().message;
  EXPECT_TRUE(engine_.requests().empty()) << engine_.requests().front();
  EXPECT_EQ(state_of(run_id), model::RunState::queued);
}

// Issue 16, row N7: however often it fails to start, what waits goes on waiting.
TEST_F(BootTest, RowN7_StartsThatMayNotServeInterruptNothing) {
  HeldPort port;
  const std::string runs[] = {leave_queued_run(), leave_queued_run(), leave_queued_run()};
  struct Row {
    std::string host;
    int port;
    std::string words;
  };
  const Row rows[] = {{"127.0.0.1", port.number(), "listening on"},
                      {"127.0.0.1", port.number(), "listening on"},
                      {"0.0.0.0", port.number() + 1, "there is no sign-in yet"},
                      {"0.0.0.0", port.number() + 1, "there is no sign-in yet"}};
  for (const Row& row : rows) {
    config_.listen_host = row.host;
    config_.listen_port = row.port;
    const auto refused = App::start(config_);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find(row.words), std::string::npos) << refused.error().message;
    for (const std::string& id : runs) EXPECT_EQ(state_of(id), model::RunState::queued);
  }
  EXPECT_TRUE(engine_.requests().empty()) << engine_.requests().front();
}

TEST_F(BootTest, RowN7_ASecondDaemonOnTheSameFolderTouchesNothing) {
  HeldPort port;
  config_.listen_port = port.number();
  port.release();
  const auto first = App::start(config_);
  ASSERT_TRUE(first) << first.error().message;
  HeldPort other;
  config_.listen_port = other.number();
  other.release();
  for (int i = 0; i < 2; ++i) {
    const auto second = App::start(config_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_NE(second.error().message.find("is using"), std::string::npos) << second.error().message;
  }
  config_.listen_port = port.number();
  EXPECT_EQ(api::status_of(get("/healthz")), 200);
}

TEST_F(BootTest, SettlesAndSweepsOnceItHasItsPort) {
  HeldPort port;
  config_.listen_port = port.number();
  port.release();
  const std::string run_id = leave_queued_run();
  {
    const auto app = App::start(config_);
    ASSERT_TRUE(app) << app.error().message;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (engine_.requests().empty() && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(engine_.requests().empty());
    EXPECT_EQ(api::status_of(get("/healthz")), 200);
    EXPECT_NE(get("/readyz").find("\"engine\""), std::string::npos);
    EXPECT_EQ(api::status_of(get("/api/v1/runs")), 200);
  }
  EXPECT_EQ(state_of(run_id), model::RunState::failed) << "its stack is gone";
}

// An engine that is silent holds the queue, and nothing else.
TEST_F(BootTest, ServesWhileTheEngineKeepsItWaiting) {
  HeldPort port;
  config_.listen_port = port.number();
  port.release();
  engine_.add_fault({.pattern = "GET /containers/json", .kind = fakes::WireFaultKind::stall_head});
  const auto app = App::start(config_);
  ASSERT_TRUE(app) << app.error().message;
  EXPECT_EQ(api::status_of(get("/healthz")), 200);
  EXPECT_EQ(api::status_of(get("/readyz")), 503);
  EXPECT_EQ(api::status_of(get("/api/v1/runs")), 200);
  engine_.die();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (get("/readyz").find("engine_down") == std::string::npos && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_NE(get("/readyz").find("held: engine_down since "), std::string::npos) << get("/readyz");
}

}  // namespace
}  // namespace dyno::app
