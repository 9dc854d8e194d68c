#include "docker/daemon_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "integration/api/held_port.h"

extern char** environ;

namespace dyno::test {
namespace {

namespace fs = std::filesystem;

fs::path find_stack(const std::string& name) {
  const fs::path own = fs::path(DYNO_SOURCE_DIR) / "tests/data/stacks" / name;
  return fs::exists(own) ? own : fs::path(DYNO_SOURCE_DIR) / "stacks" / name;
}

CommandOutcome run(const std::string& command) {
  CommandOutcome outcome;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {-1, ""};
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) outcome.out.append(buffer.data(), n);
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

}  // namespace

DaemonProcess::DaemonProcess(const std::vector<std::string>& stacks, const std::string& engine)
    : port_(api::HeldPort().number()) {
  std::string name = (fs::temp_directory_path() / "dyno-test-XXXXXX").string();
  folder_ = mkdtemp(name.data());
  for (const auto& stack : stacks) {
    const fs::path to = fs::path(folder_) / "stacks" / stack;
    fs::create_directories(to);
    fs::copy(find_stack(stack), to, fs::copy_options::recursive);
  }
  std::ofstream config(folder_ + "/config.yaml");
  config << fmt::format(
      "listen: \"127.0.0.1:{0}\"\ndata_dir: data\nstacks_dirs: [stacks]\nprofiles_dir: "
      "{1}/tests/data/profiles\nservices_dir: {1}/compose\nrunner_dir: {2}\n",
      port_, DYNO_SOURCE_DIR, DYNO_BIN_DIR);
  if (!engine.empty()) config << "engine: unix://" << engine << "\n";
}

DaemonProcess::~DaemonProcess() {
  if (pid_ > 0) stop(SIGTERM);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

bool DaemonProcess::start() {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string log = folder_ + "/log";
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  // A test that is killed cannot end it: the kernel does, and it cleans up.
  std::vector<std::string> words{"setpriv",  "--pdeathsig",           "TERM", DYNO_BIN_DIR "/dynod",
                                 "--config", folder_ + "/config.yaml"};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int failed = posix_spawnp(&pid_, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return false;
  for (int i = 0; i < 3000; ++i) {
    if (get("/").find("version") != std::string::npos) return true;
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

int DaemonProcess::stop(int signal) {
  kill(pid_, signal);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

CommandOutcome DaemonProcess::dyno(const std::string& arguments) const {
  return run(
      fmt::format("{}/dyno --server http://127.0.0.1:{} {} 2>>{}/dyno.err", DYNO_BIN_DIR, port_, arguments, folder_));
}

std::string DaemonProcess::get(const std::string& path) const {
  return run(fmt::format("curl -s -m 5 'http://127.0.0.1:{}/api/v1{}'", port_, path)).out;
}

std::string DaemonProcess::log() const {
  std::ostringstream text;
  text << std::ifstream(folder_ + "/log").rdbuf() << std::ifstream(folder_ + "/dyno.err").rdbuf();
  return text.str();
}

}  // namespace dyno::test
