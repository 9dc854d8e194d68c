#include "load/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/quantity.h"

namespace dyno::load {
namespace {

constexpr std::size_t kMaxLine = 64UL * 1024 * 1024;

// Its own process group, so that Ctrl-C at a terminal reaches the daemon alone, which then ends its children in order; and no
// blocked or ignored signals inherited.
int spawn(const std::vector<std::string>& command, int input, int output, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int error = posix_spawn(&pid, command.front().c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command, Clock& clock) {
  std::array<int, 2> in{-1, -1};
  std::array<int, 2> out{-1, -1};
  // A socket towards the child, because writing to a pipe whose reader is gone raises SIGPIPE.
  int error = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) == 0 && pipe2(out.data(), O_CLOEXEC) == 0
                  ? 0
                  : errno;
  const Descriptor input_of_child(in[0]);
  const Descriptor output_of_child(out[1]);
  Descriptor input(in[1]);
  Descriptor output(out[0]);
  pid_t pid = -1;
  if (error == 0) error = spawn(command, input_of_child.get(), output_of_child.get(), pid);
  if (error != 0) return fail(error_from_errno("starting " + command.front(), error));
  fcntl(input.get(), F_SETFL, O_NONBLOCK);
  fcntl(output.get(), F_SETFL, O_NONBLOCK);
  return ChildProcess(pid, std::move(input), std::move(output), clock);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      clock_(other.clock_),
      buffer_(std::move(other.buffer_)),
      ending_(std::move(other.ending_)) {}

ChildProcess::~ChildProcess() { end(); }

std::string ChildProcess::end() {
  input_.close();
  output_.close();
  const pid_t pid = std::exchange(pid_, -1);
  if (pid <= 0) return ending_;
  int status = 0;
  // What it has to tell was read before; SIGKILL needs no cooperation, so the wait is short.
  if (waitpid(pid, &status, WNOHANG) == 0) {
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
  }
  ending_ = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                : fmt::format("exit code {}", WEXITSTATUS(status));
  return ending_;
}

std::optional<Nanos> ChildProcess::cpu_time() const {
  clockid_t of_child{};
  timespec used{};
  if (pid_ <= 0 || clock_getcpuclockid(pid_, &of_child) != 0 || clock_gettime(of_child, &used) != 0)
    return std::nullopt;
  return std::chrono::seconds(used.tv_sec) + Nanos(used.tv_nsec);
}

std::string ChildProcess::why_silent() const {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid_));
  std::string text;
  std::getline(stat, text);
  // The name before it may hold anything but ends with the last bracket.
  const std::size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return "it is gone";
  if (text[name_end + 2] == 'T' || text[name_end + 2] == 't') return "it was stopped by a signal";
  std::int64_t ran_ns = 0;
  std::int64_t waited_ns = 0;
  std::error_code error;
  const std::filesystem::path tasks = fmt::format("/proc/{}/task", pid_);
  for (std::filesystem::directory_iterator task(tasks, error); !error && task != std::filesystem::directory_iterator();
       task.increment(error)) {
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    if (std::ifstream(task->path() / "schedstat") >> ran >> waited) {
      ran_ns += ran;
      waited_ns += waited;
    }
  }
  return fmt::format("it ran for {} and waited {} for a CPU", format_duration(Nanos(ran_ns)),
                     format_duration(Nanos(waited_ns)));
}

Status ChildProcess::await(int fd, short events, MonotonicTime deadline, const std::stop_token& stop) const {
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
  const Descriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.is_open()) return fail(error_from_errno("eventfd", errno));
  int ready = 0;
  {
    const std::stop_callback on_stop(stop, [&wake] { eventfd_write(wake.get(), 1); });
    const Nanos left = std::max(deadline - clock_->now(), Nanos(0));
    const timespec timeout{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    std::array<pollfd, 2> descriptors{pollfd{fd, events, 0}, pollfd{wake.get(), POLLIN, 0}};
    do ready = ppoll(descriptors.data(), descriptors.size(), &timeout, nullptr);
    while (ready < 0 && errno == EINTR);
  }
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
  if (ready < 0) return fail(error_from_errno("poll", errno));
  if (ready == 0) return fail(ErrorCode::timed_out, "dyno-load sent nothing in time");
  return {};
}

Status ChildProcess::write(std::string_view text, MonotonicTime deadline, const std::stop_token& stop) {
  while (!text.empty()) {
    const ssize_t n = send(input_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      Status ready = await(input_.get(), POLLOUT, deadline, stop);
      if (!ready) return ready;
    } else if (errno != EINTR) {
      return fail(error_from_errno("writing to dyno-load", errno));
    }
  }
  return {};
}

Result<std::string> ChildProcess::read_line(MonotonicTime deadline, const std::stop_token& stop) {
  std::size_t searched = 0;
  while (true) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    searched = buffer_.size();
    if (searched > kMaxLine) return fail(ErrorCode::protocol, "dyno-load wrote a line of more than 64 MiB");
    std::array<char, 65536> bytes;
    const ssize_t n = ::read(output_.get(), bytes.data(), bytes.size());
    if (n > 0) {
      buffer_.append(bytes.data(), static_cast<std::size_t>(n));
    } else if (n == 0) {
      return fail(ErrorCode::unavailable, "dyno-load has exited");
    } else if (errno == EAGAIN) {
      Status ready = await(output_.get(), POLLIN, deadline, stop);
      if (!ready) return fail(ready.error());
    } else if (errno != EINTR) {
      return fail(error_from_errno("reading from dyno-load", errno));
    }
  }
}

}  // namespace dyno::load
