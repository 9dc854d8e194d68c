// dyno-exec, placed before the command of a container:
//   dyno-exec PROGRAM ARG…   stamps CLOCK_MONOTONIC on stderr and becomes PROGRAM: the stamp is where start-up begins
//   dyno-exec pause          the sandbox's only process: holds the network namespace, reaps orphans, ends at SIGTERM or SIGINT
// No shell, no configuration, no dependency. Exit codes of the shells: 127 not found, 126 not executable, 125 wrong use.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr int kWrongUse = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

// One write, so that the line never mixes with another process's output.
void say(const char* line, int length) {
  if (write(STDERR_FILENO, line, static_cast<size_t>(length)) < 0) return;  // nobody left to tell
}

int run(char** command) {
  char line[512];
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long ns = static_cast<long long>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  say(line, snprintf(line, sizeof line, "stackdyno-exec monotonic_ns=%lld\n", ns));
  execvp(command[0], command);

  const int error = errno;
  const int length =
      snprintf(line, sizeof line, "stackdyno-exec cannot start \"%.300s\": %s\n", command[0], strerror(error));
  say(line, length < static_cast<int>(sizeof line) ? length : static_cast<int>(sizeof line) - 1);
  return error == ENOENT || error == ENOTDIR ? kNotFound : kNotExecutable;
}

int pause_until_told() {
  // Process 1 has no default handlers, so the signals are waited for instead. Blocked, none can be missed.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal != SIGCHLD) return 0;
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
