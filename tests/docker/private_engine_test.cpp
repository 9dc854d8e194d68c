// A real engine that ends in a run and comes back (fault catalogue, E-12): by SIGKILL and by SIGTERM.
// The engine is the test's own, with its own folders, in a network and a mount namespace of its own: that of the machine is never
// touched. Needs root and dockerd, and some minutes: DYNO_ENGINE_RESTARTS says how often each way (nightly 5; never, where it is not set).
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "docker/daemon_process.h"
#include "docker/docker_engine.h"
#include "docker/engine_socket.h"
#include "docker/run_watch.h"

namespace dyno::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kBase = "stackdyno/base-python-3.14";
constexpr auto kStack = "wrong-answers";  // right ones, unless it is told otherwise

bool await(const std::function<bool()>& condition, seconds limit = seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(50));
  }
  return true;
}

// This process, and all that it starts from now on, gets a network and mounts of its own. The engine of the machine stays in reach by
// its socket alone; its containerd does not.
std::string leave_the_machine() {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return "no namespaces of its own";
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "no mounts of its own";
  if (fs::exists("/run/containerd") && ::mount("none", "/run/containerd", "tmpfs", 0, nullptr) != 0)
    return "the machine's containerd stays in reach";
  if (std::system("ip link set lo up") != 0) return "no loopback device";
  return {};
}

// Ends with the object, or with the test's process.
class PrivateEngine {
 public:
  PrivateEngine() {
    std::string name = (fs::temp_directory_path() / "dyno-engine-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~PrivateEngine() {
    if (pid_ > 0) stop(SIGTERM);
    unmount_all();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    // In the one tree of cgroup v2, or in that of each controller.
    const std::string cgroup = fmt::format("dyno-private-{}", getpid());
    ::rmdir(("/sys/fs/cgroup/" + cgroup).c_str());
    for (const auto& controller : fs::directory_iterator("/sys/fs/cgroup", ignored))
      ::rmdir((controller.path() / cgroup).c_str());
  }
  PrivateEngine(const PrivateEngine&) = delete;
  PrivateEngine& operator=(const PrivateEngine&) = delete;

  std::string socket() const { return folder_ + "/docker.sock"; }
  bool start() {
    const std::string command = fmt::format(
        "exec setpriv --pdeathsig TERM dockerd --host unix://{0}/docker.sock --data-root {0}/data --exec-root {0}/exec "
        "--pidfile {0}/pid --bridge none --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent /dyno-private-{1} "
        "--label stackdyno.test={1} >>{0}/log 2>&1",
        folder_, getpid());
    std::string shell = "/bin/sh";
    std::string option = "-c";
    std::string text = command;
    char* arguments[] = {shell.data(), option.data(), text.data(), nullptr};
    if (posix_spawn(&pid_, shell.c_str(), nullptr, nullptr, arguments, environ) != 0) return false;
    return await([this] { return answers(); });
  }
  bool answers() const {
    RealClock clock;
    docker::DockerEngine engine(socket(), clock);
    return engine.describe().has_value();
  }
  void stop(int signal) {
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(folder_ + "/log").rdbuf();
    const std::string all = text.str();
    return all.substr(all.size() > 4000 ? all.size() - 4000 : 0);
  }

 private:
  // A killed engine leaves its mounts.
  void unmount_all() const {
    std::vector<std::string> paths;
    std::ifstream mounts("/proc/self/mounts");
    for (std::string device, path, rest; mounts >> device >> path && std::getline(mounts, rest);) {
      if (path.starts_with(folder_)) paths.push_back(path);
    }
    for (auto path = paths.rbegin(); path != paths.rend(); ++path) ::umount2(path->c_str(), MNT_DETACH);
  }

  std::string folder_;
  pid_t pid_ = -1;
};

class EngineRestart : public testing::Test {
 protected:
  void SetUp() override {
    if (times() == 0)
      GTEST_SKIP() << "ENGINE RESTARTS TAKE MINUTES: make test-nightly tries them (DYNO_ENGINE_RESTARTS)";
    if (getuid() != 0) GTEST_SKIP() << "NOT ROOT: no engine of its own; engine restarts are not tested";
    if (std::system("command -v dockerd >/dev/null && command -v ip >/dev/null") != 0)
      GTEST_SKIP() << "NO DOCKERD: engine restarts are not tested";
    RealClock clock;
    const auto socket = tests::engine_socket();
    if (!socket || !docker::DockerEngine(*socket, clock).inspect_image(kBase))
      GTEST_SKIP() << "NO " << kBase << ": run make setup; engine restarts are not tested";
    if (const std::string why = leave_the_machine(); !why.empty())
      GTEST_SKIP() << "ENGINE RESTARTS ARE NOT TESTED: " << why;
    ASSERT_TRUE(engine_.start()) << engine_.log();
    const std::string copy = fmt::format(
        "curl -sf --unix-socket {} http://engine/images/{}/get | curl -sf --unix-socket {} -X POST -H 'Content-Type: "
        "application/x-tar' -T - http://engine/images/load >/dev/null",
        *socket, kBase, engine_.socket());
    ASSERT_EQ(std::system(copy.c_str()), 0) << engine_.log();
    ASSERT_TRUE(daemon_.start()) << daemon_.log();
  }

  json run() const { return json::parse(daemon_.get("/runs/" + run_), nullptr, false); }
  bool is_loading() const {
    const json shown = run();
    return shown.is_object() && shown.contains("progress") && shown["progress"].value("step", "") == "loading";
  }
  bool is_held() const { return daemon_.get("/queue").find(R"("reason":"engine_down")") != std::string::npos; }
  // Every container and network of this instance is gone.
  void expect_clean() {
    RealClock clock;
    docker::DockerEngine engine(engine_.socket(), clock);
    const auto left = engine.list_labelled("stackdyno.run", run_);
    ASSERT_TRUE(left) << left.error().message;
    EXPECT_TRUE(left->empty()) << left->front().name;
  }

  // In a phase, then `away` without an engine.
  void end_engine_in_a_phase(int signal, milliseconds away) {
    run_ = start_run(daemon_, fmt::format("{} --profile seconds --seed 5", kStack));
    ASSERT_TRUE(await([this] { return is_loading(); })) << daemon_.log();
    std::this_thread::sleep_for(milliseconds(random_() % 3000));
    engine_.stop(signal);
    ASSERT_TRUE(await([this] { return is_held(); })) << daemon_.get("/queue") << daemon_.log();
    EXPECT_EQ(run().value("state", ""), "queued");
    std::this_thread::sleep_for(away);
    ASSERT_TRUE(engine_.start()) << engine_.log();
  }

  void expect_resumed() {
    const json ended = await_end(daemon_, run_, std::chrono::minutes(3));
    ASSERT_TRUE(ended.is_object()) << daemon_.get("/queue") << daemon_.log();
    EXPECT_EQ(ended.value("state", ""), "succeeded") << ended << daemon_.log();
    EXPECT_GE(ended.value("resumed", 0), 1);
    const json trials = trials_of(daemon_, run_);
    expect_whole(trials);
    ASSERT_FALSE(trials.empty());
    EXPECT_EQ(trials[0]["state"], "interrupted") << trials;
    EXPECT_EQ(trials[0]["failure"], "engine_lost")
        << trials << "an engine that stops ends the servers: not their fault";
    expect_clean();
    EXPECT_EQ(daemon_.get("/queue").find("engine_down"), std::string::npos);
  }

  static int times() {
    const char* const asked = std::getenv("DYNO_ENGINE_RESTARTS");
    return asked == nullptr ? 0 : std::atoi(asked);
  }

  PrivateEngine engine_;
  DaemonProcess daemon_{{kStack}, engine_.socket()};
  std::minstd_rand random_{7};
  std::string run_;
};

TEST_F(EngineRestart, TheRunGoesOnAfterAnEngineThatWasKilled) {
  for (int i = 0; i < times() && !HasFailure(); ++i) {
    end_engine_in_a_phase(SIGKILL, milliseconds(random_() % 4000));
    expect_resumed();
  }
}

TEST_F(EngineRestart, TheRunGoesOnAfterAnEngineThatWasStopped) {
  for (int i = 0; i < times() && !HasFailure(); ++i) {
    end_engine_in_a_phase(SIGTERM, milliseconds(random_() % 4000));
    expect_resumed();
  }
}

}  // namespace
}  // namespace dyno::test
