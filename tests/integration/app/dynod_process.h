// A dynod as a process, with a folder of its own and an engine on the wire, for tests that kill it, starve it or take away what it
// needs. One thread.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
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
#include "integration/api/held_port.h"
#include "integration/api/raw_client.h"

namespace dyno::app {

namespace fs = std::filesystem;

inline constexpr auto kStack = R"(schema: stack/1
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

inline std::string profile_of(int blocks, const std::string& phase) {
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

class DynodProcess : public testing::Test {
 protected:
  DynodProcess() : port_(api::HeldPort().number()) {
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
  ~DynodProcess() override {
    end(SIGKILL);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // Every image is there, or is built at once.
  void give_images() {
    for (const char* const image : {"GET /images/test", "GET /images/sha256", "GET /images/stackdyno"})
      engine_.add_fault({.pattern = image, .lie = {200, R"({"Id":"sha256:1","Size":1,"Config":{}})"}});
    engine_.add_fault({.pattern = "POST /images/create", .lie = {200, R"({"status":"sha256:1"})"}});
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

  // Starts dynod with its log in the file `log`, or in the descriptor that is given.
  void spawn(const std::string& limits = ":", int log_to = -1) {
    const std::string out = folder_ / "log";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (log_to >= 0) posix_spawn_file_actions_adddup2(&actions, log_to, STDOUT_FILENO);
    else posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    std::string shell = "/bin/sh";
    std::string option = "-c";
    // A test that is killed cannot end it: the kernel does.
    std::string command = fmt::format("ulimit -c 0; {}; exec setpriv --pdeathsig KILL {}/dynod --config {}", limits,
                                      DYNO_BIN_DIR, (folder_ / "config.yaml").string());
    char* arguments[] = {shell.data(), option.data(), command.data(), nullptr};
    ASSERT_EQ(posix_spawn(&pid_, shell.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  bool has_started() const { return api::status_of(get("/api/v1/")) == 200; }
  void start() {
    spawn();
    ASSERT_TRUE(await([this] { return has_started(); })) << log();
  }
  // How it ended, as waitpid has it.
  int end(int signal) {
    if (pid_ <= 0) return 0;
    ::kill(pid_, signal);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }
  // Nothing: it is still there.
  std::optional<int> ended() {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return status;
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
  std::string post(const std::string& path, const std::string& body = "") const {
    const api::RawClient client(port_);
    client.send(
        fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n"
                    "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                    path, port_, body.size(), body));
    return client.read_all();
  }
  std::string post_run() const {
    return post("/api/v1/runs", R"({"stacks":["waiting"],"profile":"short","seed":"7"})");
  }
  // The id of the run that was accepted.
  std::string queue_run() const {
    const std::string answer = post_run();
    EXPECT_EQ(api::status_of(answer), 202) << answer;
    const std::size_t at = answer.find("/api/v1/runs/");
    return at == std::string::npos ? "" : answer.substr(at + 13, 36);
  }
  bool has_ended(const std::string& run) const {
    return get("/api/v1/runs/" + run).find("\"finished_at\":\"") != std::string::npos;
  }
  // A run that makes its first container when the engine falls silent.
  std::string run_into_silence() {
    write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
    give_images();
    engine_.add_fault({.pattern = "POST /networks/create", .lie = {201, R"({"Id":"n1"})"}});
    engine_.add_fault({.pattern = "POST /containers/create", .kind = fakes::WireFaultKind::stall_head});
    start();
    std::string run = queue_run();
    EXPECT_TRUE(await([this] { return asked_for("POST /containers/create"); })) << log();
    engine_.add_fault({.pattern = "", .kind = fakes::WireFaultKind::stall_head});
    return run;
  }
  // Asked to stop, it has ended well within `limit`.
  void expect_end(std::chrono::seconds limit) {
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(::kill(pid_, SIGTERM), 0);
    std::optional<int> status;
    ASSERT_TRUE(await([&] { return (status = ended()).has_value(); })) << log();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, limit) << log();
    EXPECT_TRUE(WIFEXITED(*status) && WEXITSTATUS(*status) == 0) << *status << log();
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

}  // namespace dyno::app
