// The real dynod as a process: killed with -9, with a log that nobody reads, with an engine that never answers, and on a machine that
// gives it no memory.
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
#include "integration/app/soak_watch.h"
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

class DynodProcess : public testing::Test {
 protected:
  DynodProcess() : port_(free_port()) {
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
    std::string command = fmt::format("ulimit -c 0; {}; exec {}/dynod --config {}", limits, DYNO_BIN_DIR,
                                      (folder_ / "config.yaml").string());
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

// Issue 14, row 13.
TEST_F(DynodProcess, Row13_AQueuedRunIsTheOneThatWasAccepted) {
  write("profiles/short.yaml", profile_of(2, "connections: 8, measure: 1s"));
  engine_.add_fault({.pattern = "GET /info", .kind = fakes::WireFaultKind::stall_head});
  start();
  const std::string first = queue_run();
  const auto has_begun = [&] { return get("/api/v1/runs/" + first).find("\"acquiring\"") != std::string::npos; };
  ASSERT_TRUE(await(has_begun)) << log();
  const std::string second = queue_run();
  end(SIGKILL);

  write("profiles/short.yaml", profile_of(5, "connections: 16, measure: 9s"));
  engine_.clear_faults();
  give_images();
  start();
  ASSERT_TRUE(await([&] { return has_ended(second); })) << log();
  const std::string edited = queue_run();
  ASSERT_TRUE(await([&] { return has_ended(edited); })) << log();
  end(SIGTERM);

  const auto database = store::Database::open(folder_ / "data/stackdyno.db");
  ASSERT_TRUE(database) << database.error().message;
  const store::Reader reader(**database);
  EXPECT_EQ(reader.run(first)->resumed, 1) << "it had begun";
  EXPECT_TRUE(model::is_terminal(reader.run(first)->state));
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

// Issue 14, row 39.
TEST_F(DynodProcess, Row39_ALogThatNobodyReadsHoldsNothingUp) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor unread(ends[0]);
  Descriptor log_to(ends[1]);
  ASSERT_GT(fcntl(unread.get(), F_SETPIPE_SZ, 4096), 0);
  spawn(":", log_to.get());
  log_to.close();
  ASSERT_TRUE(await([this] { return has_started(); }));
  std::string last;
  for (int i = 0; i < 20; ++i) {  // each with several lines of a hundred bytes
    last = queue_run();
    ASSERT_TRUE(await([&] { return has_ended(last); })) << i;
  }
  ASSERT_EQ(::kill(pid_, SIGTERM), 0);
  std::optional<int> status;
  ASSERT_TRUE(await([&] { return (status = ended()).has_value(); }));
  EXPECT_TRUE(WIFEXITED(*status) && WEXITSTATUS(*status) == 0) << *status;
}

// Issue 14, row 40. Fifteen seconds are promised; the rest is for a busy machine. It was 29 s for health, 214 s for a cancel and
// 273 s for a stop.
constexpr auto kPromised = std::chrono::seconds(25);

TEST_F(DynodProcess, Row40_HealthDoesNotWaitForTheEngine) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  start();
  ASSERT_TRUE(await([this] { return get("/readyz").find(" ago)") != std::string::npos; })) << get("/readyz");
  engine_.add_fault({.pattern = "", .kind = fakes::WireFaultKind::stall_head});
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // what is known is old enough to be asked for again
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(api::status_of(get("/readyz")), 200) << "what was known before";
  EXPECT_EQ(api::status_of(get("/healthz")), 200);
  EXPECT_NE(get("/metrics").find("stackdyno_engine_up 1"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kPromised);
  ASSERT_TRUE(await([this] { return get("/readyz").find("has not answered for") != std::string::npos; }));
  const std::string ready = get("/readyz");
  EXPECT_EQ(api::status_of(ready), 503);
  EXPECT_NE(ready.find("before that: "), std::string::npos) << ready;
  EXPECT_EQ(api::status_of(get("/healthz")), 200);
}

TEST_F(DynodProcess, Row40_StopsWhileItStartsWithASilentEngine) {
  engine_.add_fault({.pattern = "GET /containers/json", .kind = fakes::WireFaultKind::stall_head});
  spawn();
  ASSERT_TRUE(await([this] { return asked_for("GET /containers/json"); })) << log();
  expect_end(kPromised);
}

TEST_F(DynodProcess, Row40_StopsARunOfASilentEngine) {
  run_into_silence();
  expect_end(kPromised);
}

TEST_F(DynodProcess, Row40_CancelsARunOfASilentEngine) {
  const std::string run = run_into_silence();
  const auto begin = std::chrono::steady_clock::now();
  const api::RawClient client(port_);
  client.send(fmt::format("POST /api/v1/runs/{}/cancel HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 0\r\n\r\n",
                          run, port_));
  EXPECT_EQ(api::status_of(client.read_until("\r\n\r\n")), 202);
  ASSERT_TRUE(await([&] { return has_ended(run); })) << log();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kPromised) << log();
  EXPECT_NE(get("/api/v1/runs/" + run).find("\"state\":\"cancelled\""), std::string::npos);
}

// Issue 16, row N1. The engine is killed in a run, two others wait.
TEST_F(DynodProcess, TheQueueIsHeldWhileTheEngineIsAwayAndNoRunIsLost) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  give_images();
  engine_.add_fault({.pattern = "POST /networks/create", .kind = fakes::WireFaultKind::stall_head});
  start();
  const std::string first = queue_run();
  ASSERT_TRUE(await([this] { return asked_for("POST /networks/create"); })) << log();
  const std::string others[] = {queue_run(), queue_run()};
  engine_.die();
  ASSERT_TRUE(await([&] {
    return get("/api/v1/queue").find("\"held\":{\"reason\":\"engine_down\"") != std::string::npos;
  })) << get("/api/v1/queue")
      << log();
  EXPECT_NE(get("/readyz").find("held: engine_down since "), std::string::npos) << get("/readyz");
  EXPECT_NE(get("/api/v1/runs/" + first).find("\"state\":\"queued\""), std::string::npos) << log();
  for (const std::string& run : others) EXPECT_FALSE(has_ended(run));
  engine_.clear_faults();
  give_images();
  engine_.listen_again();
  ASSERT_TRUE(await([&] { return has_ended(first) && has_ended(others[0]) && has_ended(others[1]); })) << log();
  // No container of this engine ever listens: that they ended is what they could do.
  EXPECT_NE(get("/api/v1/runs/" + first).find("\"resumed\":1"), std::string::npos) << get("/api/v1/runs/" + first);
  EXPECT_EQ(get("/readyz").find("held"), std::string::npos) << get("/readyz");
  EXPECT_NE(log().find("the queue goes on; it was held for "), std::string::npos);
}

// Issue 16, row N3. The usual order after a reboot: the daemon is there before the engine.
TEST_F(DynodProcess, NoRunBeginsBeforeAnAbsentEngineIsBack) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  give_images();
  engine_.die();
  start();
  const std::string run = queue_run();
  ASSERT_TRUE(await([this] { return get("/readyz").find("held: engine_down since ") != std::string::npos; })) << log();
  EXPECT_EQ(api::status_of(get("/readyz")), 503);
  EXPECT_NE(get("/api/v1/runs/" + run).find("\"state\":\"queued\""), std::string::npos) << log();
  engine_.listen_again();
  ASSERT_TRUE(await([&] { return has_ended(run); })) << log();
}

// Runs back to back, readers beside them: nothing grows. For a minute, nightly for an hour (DYNO_SOAK_MINUTES).
TEST_F(DynodProcess, NothingGrowsWhileItWorksForLong) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory grows";
#endif
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  give_images();
  engine_.add_fault({.pattern = "POST /networks/create", .lie = {201, R"({"Id":"n1"})"}});
  start();
  const auto begin = std::chrono::steady_clock::now();
  const std::chrono::seconds length = tests::soak_time(std::chrono::seconds(50));
  tests::SoakWatch watch(pid_, folder_ / "data/stackdyno.db-wal");
  auto next_look = begin;
  int runs = 0;
  while (std::chrono::steady_clock::now() - begin < length) {
    const std::string run = queue_run();
    ASSERT_TRUE(await([&] { return has_ended(run); })) << log();
    for (const char* const path : {"/api/v1/runs", "/readyz", "/metrics", "/api/v1/queue", "/api/v1/no-such"})
      get(path);
    ++runs;
    if (std::chrono::steady_clock::now() < next_look) continue;
    watch.look();
    next_look += length / 40;
  }
  fmt::print("[ SOAK     ] {} runs, {}\n", runs, watch.describe());
  for (const std::string& what : tests::what_grows(watch.samples())) ADD_FAILURE() << what << "\n" << watch.describe();
  EXPECT_GT(runs, 20);
}

// Issue 14, row 41. How little is too little depends on the build: with every limit it either serves or says why not.
TEST_F(DynodProcess, Row41_SaysThatThereIsNoMemoryForIt) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer reserves more than any limit";
#endif
  constexpr int kNotLoaded = 127;  // by the dynamic loader
  int refused = 0;
  for (int kib = 200'000; kib >= 20'000; kib -= 20'000) {
    spawn(fmt::format("ulimit -v {}", kib));
    std::optional<int> status;
    ASSERT_TRUE(await([&] { return (status = ended()).has_value() || has_started(); })) << kib;
    if (!status) status = end(SIGTERM);
    ASSERT_TRUE(WIFEXITED(*status)) << kib << " KiB: signal " << WTERMSIG(*status) << "\n" << log();
    if (WEXITSTATUS(*status) == 0 || WEXITSTATUS(*status) == kNotLoaded) continue;
    EXPECT_EQ(WEXITSTATUS(*status), 1) << kib;
    EXPECT_NE(log().find("dynod: "), std::string::npos) << log();
    ++refused;
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace dyno::app
