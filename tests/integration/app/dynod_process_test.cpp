// kill -9 of the real dynod: what was accepted is what the next life runs, whatever the files say by then.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "base/file.h"
#include "fakes/fake_docker_server.h"
#include "integration/api/raw_client.h"
#include "store/database.h"
#include "store/reader.h"

namespace dyno::app {
namespace {

namespace fs = std::filesystem;

constexpr auto kStack = R"(schema: stack/1
name: waiting
title: Waits to be measured
runtime: python
runtime_version: 3.14
language: python
framework: none
version: 1.0.0
class: production
mode: {default: single, offers: [single]}
build:
  context: .
  dockerfile: Dockerfile
  base:
    - {arg: RUN_IMAGE, image: "test:1", stand_in: stackdyno/base-test}
  args: {}
  network: none
  timeout: 2min
run:
  command: [serve]
  port: 8080
  user: 65532
  env: {}
  stop: {signal: SIGTERM, grace: 2s}
readiness: {path: /health, timeout: 20s}
limits: {memory: 256MiB, pids: 256, open_files: 1024, tmp: 16MiB}
services: {}
workloads: [json]
metadata: {async_model: threads, type_system: dynamic, json: json, validation: none, driver: none, template: none,
           realtime: none, homepage: "https://www.example.org", licence: MIT, notes: "Never measured."}
)";

std::string profile_of(int blocks, const std::string& phase) {
  return fmt::format(R"(schema: profile/1
name: short
purpose: For tests.
blocks: {}
order: {{kind: listed, reverse_alternate_blocks: false}}
placement: auto
mode: single
startup: {{warm: 1, cache_cold: 0}}
memory: {{idle: 300ms, after: 300ms, sample_every: 50ms}}
warm_up: {{kind: fixed, each: 200ms}}
phases:
  - {{workload: json, loop: closed, {}}}
gates: {{errors_max: 1%, late_max: 50%, load_worker_max: 100%}}
)",
                     blocks, phase);
}

int free_port() {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(socket.get(), generic, size), 0);
  EXPECT_EQ(::getsockname(socket.get(), generic, &size), 0);
  return ntohs(address.sin_port);
}

class KillDynod : public testing::Test {
 protected:
  KillDynod() : port_(free_port()) {
    std::string folder = (fs::temp_directory_path() / "dyno-kill-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    write("stacks/waiting/stack.yaml", kStack);
    write("stacks/waiting/Dockerfile", "ARG RUN_IMAGE\nFROM $RUN_IMAGE\n");
    write("config.yaml", fmt::format("listen: 127.0.0.1:{}\ndata_dir: {}\nstacks_dirs: [{}]\nprofiles_dir: {}\n"
                                     "engine: unix://{}\nrunner_dir: {}\n",
                                     port_, (folder_ / "data").string(), (folder_ / "stacks").string(),
                                     (folder_ / "profiles").string(), engine_.socket_path(), DYNO_BIN_DIR));
  }
  ~KillDynod() override {
    end(SIGKILL);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // Every image is there, or is built at once.
  void give_images() {
    for (const char* const image : {"GET /images/test", "GET /images/sha256", "GET /images/stackdyno"})
      engine_.add_fault({.pattern = image, .lie = {200, R"({"Id":"sha256:1","Size":1,"Config":{}})"}});
    engine_.world().set_build(R"({"aux":{"ID":"sha256:1"}})");
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(folder_ / "log").rdbuf();
    return text.str();
  }

  // Returns once the daemon has started.
  void start() {
    const std::string out = folder_ / "log";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    std::string program = DYNO_BIN_DIR "/dynod";
    std::string option = "--config";
    std::string config = folder_ / "config.yaml";
    char* arguments[] = {program.data(), option.data(), config.data(), nullptr};
    ASSERT_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ASSERT_TRUE(await([this] { return api::status_of(get("/api/v1/")) == 200; })) << log();
  }
  void end(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  static bool await(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }

  std::string get(const std::string& path) const {
    return api::ask_raw(port_,
                        fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", path, port_));
  }
  // The id of the run that was accepted.
  std::string queue_run() const {
    const std::string body = R"({"stacks":["waiting"],"profile":"short","seed":"7"})";
    const api::RawClient client(port_);
    client.send(
        fmt::format("POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    port_, body.size(), body));
    const std::string answer = client.read_until("\r\n\r\n");
    EXPECT_EQ(api::status_of(answer), 202) << answer;
    const std::size_t at = answer.find("/api/v1/runs/");
    return at == std::string::npos ? "" : answer.substr(at + 13, 36);
  }
  bool asked_for(const std::string& call) const {
    const auto requests = engine_.requests();
    return std::any_of(requests.begin(), requests.end(), [&](const auto& r) { return r.starts_with(call); });
  }

  fs::path folder_;
  fakes::FakeDockerServer engine_;
  const int port_;
  pid_t pid_ = -1;
};

// Issue 14, row 13.
TEST_F(KillDynod, Row13_AQueuedRunIsTheOneThatWasAccepted) {
  write("profiles/short.yaml", profile_of(2, "connections: 8, measure: 1s"));
  engine_.add_fault({.pattern = "GET /info", .kind = fakes::WireFaultKind::stall_head});
  start();
  const std::string first = queue_run();
  ASSERT_TRUE(await([this] { return asked_for("GET /info"); })) << log();
  const std::string second = queue_run();
  end(SIGKILL);

  write("profiles/short.yaml", profile_of(5, "connections: 16, measure: 9s"));
  engine_.clear_faults();
  give_images();
  start();
  const auto has_ended = [&](const std::string& run) {
    return get("/api/v1/runs/" + run).find("\"finished_at\":\"") != std::string::npos;
  };
  ASSERT_TRUE(await([&] { return has_ended(second); })) << log();
  const std::string edited = queue_run();
  ASSERT_TRUE(await([&] { return has_ended(edited); })) << log();
  end(SIGTERM);

  const auto database = store::Database::open(folder_ / "data/stackdyno.db");
  ASSERT_TRUE(database) << database.error().message;
  const store::Reader reader(**database);
  EXPECT_EQ(reader.run(first)->state, model::RunState::interrupted);
  const auto run = reader.run(second);
  const auto after = reader.run(edited);
  ASSERT_TRUE(run);
  ASSERT_TRUE(after);
  const auto job = reader.job(second);
  ASSERT_TRUE(job) << job.error().message;
  ASSERT_EQ(job->profile.phases.size(), 1U);
  EXPECT_EQ(job->profile.phases[0].connections, 8);
  EXPECT_EQ(job->profile.phases[0].measure, std::chrono::seconds(1));
  EXPECT_EQ(run->blocks, 2);
  EXPECT_EQ(run->profile_hash, job->profile.hash);
  EXPECT_NE(run->profile_hash, after->profile_hash);
  // What was planned, and by what: no container of this engine ever listens, so it got no further.
  EXPECT_GT(run->expected, std::chrono::seconds(2)) << log();
  EXPECT_LT(run->expected + std::chrono::seconds(5 * 9 - 2), after->expected) << log();
}

}  // namespace
}  // namespace dyno::app
