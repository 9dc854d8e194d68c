// dyno-exec, placed before the command of a container:
//   dyno-exec PROGRAM ARG…   tells the sandbox CLOCK_MONOTONIC and becomes PROGRAM: this stamp is where start-up begins
//   dyno-exec pause          the sandbox's only process: holds the network namespace, prints the stamp, reaps orphans, ends at SIGTERM
//                            or SIGINT
// The stamp goes through a socket that only the network namespace of both containers knows. The sandbox takes one message and closes
// it, and the first is sent before PROGRAM runs: PROGRAM finds nobody who would take another.
// No shell, no configuration, no dependency. Exit codes of the shells: 127 not found, 126 not executable, 125 wrong use.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr char kSocket[] = "stackdyno-exec";  // abstract: no file, so that no image and no mount can be in its way
constexpr int kPatienceMs = 10'000;
constexpr int kWrongUse = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

// One write, so that the line never mixes with another process's output.
void say(const char* line, int length) {
  if (write(STDERR_FILENO, line, static_cast<size_t>(length)) < 0) return;  // nobody left to tell
}

int open_socket(int (*attach)(int, const sockaddr*, socklen_t)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path + 1, kSocket, sizeof kSocket - 1);
  const int channel = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const socklen_t size = offsetof(sockaddr_un, sun_path) + sizeof kSocket;
  if (channel >= 0 && attach(channel, reinterpret_cast<const sockaddr*>(&address), size) == 0) return channel;
  const int error = errno;
  close(channel);
  errno = error;
  return -1;
}

// False: nobody takes the message. Whoever came to take it later would take one of PROGRAM's, so that PROGRAM must not run.
// The sandbox is up before the app is made, but its process may not have been given a CPU yet. What is waited here comes before the
// stamp, so that it is no part of what the app is measured by.
bool tell_the_start() {
  int channel = open_socket(&connect);
  for (int ms = 0; channel < 0 && errno == ECONNREFUSED && ms < kPatienceMs; ++ms) {
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
    channel = open_socket(&connect);
  }
  // What a security policy forbids is forbidden to PROGRAM as well: it runs, and the figures that need the stamp are absent.
  if (channel < 0) return errno != ECONNREFUSED;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long ns = static_cast<long long>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  const bool sent = send(channel, &ns, sizeof ns, 0) == sizeof ns;
  close(channel);
  return sent;
}

int run(char** command) {
  if (!tell_the_start()) {
    constexpr char kNobody[] = "stackdyno-exec: no sandbox takes the time of the start\n";
    say(kNobody, sizeof kNobody - 1);
    return kWrongUse;
  }
  execvp(command[0], command);

  const int error = errno;
  char line[512];
  const int length =
      snprintf(line, sizeof line, "stackdyno-exec cannot start \"%.300s\": %s\n", command[0], strerror(error));
  say(line, length < static_cast<int>(sizeof line) ? length : static_cast<int>(sizeof line) - 1);
  return error == ENOENT || error == ENOTDIR ? kNotFound : kNotExecutable;
}

// True once the one message has come.
bool take_stamp(int channel) {
  long long ns = 0;
  if (recv(channel, &ns, sizeof ns, 0) != sizeof ns) return false;
  char line[64];
  say(line, snprintf(line, sizeof line, "stackdyno-exec monotonic_ns=%lld\n", ns));
  return true;
}

int pause_until_told() {
  // Process 1 has no default handlers, so the signals are waited for instead. Blocked, none can be missed.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  int channel = open_socket(&bind);
  const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  for (;;) {
    pollfd events[] = {{signals, POLLIN, 0}, {channel, POLLIN, 0}};  // a negative descriptor is passed over
    if (poll(events, 2, -1) < 0) continue;
    if ((events[1].revents & POLLIN) != 0 && take_stamp(channel)) {
      close(channel);
      channel = -1;
    }
    signalfd_siginfo told{};
    if (read(signals, &told, sizeof told) != sizeof told) continue;
    if (told.ssi_signo != SIGCHLD) return 0;
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "pause") == 0) return pause_until_told();
  if (argc >= 2) return run(argv + 1);
  constexpr char kUsage[] = "usage: dyno-exec PROGRAM [ARG…] | dyno-exec pause\n";
  say(kUsage, sizeof kUsage - 1);
  return kWrongUse;
}
