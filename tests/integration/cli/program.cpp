#include "program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace dyno::cli {
namespace {

std::string read_all(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

}  // namespace

Program::Program(const std::string& path, const std::vector<std::string>& arguments, const std::string& server) {
  std::string pattern = (std::filesystem::temp_directory_path() / "dyno-cli-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, (folder_ + "/out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, (folder_ + "/err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<std::string> words{path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> settings{"PATH=/usr/bin:/bin"};
  if (!server.empty()) settings.push_back("STACKDYNO_SERVER=" + server);
  std::vector<char*> environment;
  for (std::string& setting : settings) environment.push_back(setting.data());
  environment.push_back(nullptr);
  if (::posix_spawn(&pid_, path.c_str(), &actions, nullptr, argv.data(), environment.data()) != 0) pid_ = -1;
  posix_spawn_file_actions_destroy(&actions);
}

Program::~Program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::filesystem::remove_all(folder_);
}

void Program::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

Ended Program::wait_at_most(std::chrono::milliseconds limit) {
  // The process has a descriptor that is readable once it has ended (Linux 5.3).
  const int ended = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd watched{ended, POLLIN, 0};
  if (ended < 0 || ::poll(&watched, 1, static_cast<int>(limit.count())) == 0) signal(SIGKILL);
  if (ended >= 0) ::close(ended);
  return wait();
}

Ended Program::wait() {
  int status = -1;
  if (pid_ > 0) ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), read_all(folder_ + "/out"),
          read_all(folder_ + "/err")};
}

}  // namespace dyno::cli
