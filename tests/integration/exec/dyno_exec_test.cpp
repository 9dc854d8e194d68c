#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dyno {
namespace {

constexpr const char* kProgram = DYNO_BIN_DIR "/dyno-exec";

struct Ran {
  std::string output;  // stdout and stderr together
  int exit_code = -1;
};

Ran run(const std::string& arguments) {
  Ran ran;
  FILE* pipe = popen((std::string(kProgram) + " " + arguments + " 2>&1").c_str(), "r");
  std::array<char, 512> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) ran.output.append(buffer.data(), n);
  const int status = pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

long long monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<long long>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// The socket of the stamp belongs to a network namespace, of which each process of this test has its own.
bool has_own_network() {
  static const bool entered = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
  return entered;
}

// With a sandbox that stands in the same network namespace, as the app's does.
class DynoExec : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_own_network()) GTEST_SKIP() << "no right to make a network namespace";
    start_sandbox();
  }
  void TearDown() override { static_cast<void>(end_sandbox()); }

  void start_sandbox() {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    sandbox_ = fork();
    if (sandbox_ == 0) {
      // Blocked before exec, the signal of the end waits until the program listens.
      sigset_t set;
      sigemptyset(&set);
      sigaddset(&set, SIGTERM);
      sigprocmask(SIG_BLOCK, &set, nullptr);
      dup2(ends[1], STDERR_FILENO);
      execl(kProgram, kProgram, "pause", nullptr);
      _exit(99);
    }
    close(ends[1]);
    said_ = ends[0];
  }
  // What it printed.
  std::string end_sandbox() {
    if (sandbox_ <= 0) return {};
    kill(sandbox_, SIGTERM);
    std::string all;
    std::array<char, 512> buffer{};
    for (ssize_t n = 0; (n = read(said_, buffer.data(), buffer.size())) > 0;)
      all.append(buffer.data(), static_cast<std::size_t>(n));
    close(said_);
    waitpid(std::exchange(sandbox_, -1), nullptr, 0);
    return all;
  }

  // As dyno-exec does, by whoever is in the network namespace. False: nobody takes it any more.
  static bool send_stamp(long long ns) {
    constexpr std::string_view kName("\0stackdyno-exec", 15);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, kName.data(), kName.size());
    const int channel = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + kName.size());
    const bool sent =
        sendto(channel, &ns, sizeof ns, 0, reinterpret_cast<const sockaddr*>(&address), size) == sizeof ns;
    close(channel);
    return sent;
  }

  pid_t sandbox_ = -1;
  int said_ = -1;
};

TEST_F(DynoExec, TellsTheSandboxTheMonotonicClockAndBecomesTheProgram) {
  const long long before = monotonic_ns();
  const Ran ran = run("printf '%s|' one 'two words' '$HOME'");
  const long long after = monotonic_ns();
  EXPECT_EQ(ran.output, "one|two words|$HOME|") << "the program's output is its own";
  EXPECT_EQ(ran.exit_code, 0);
  long long stamp = 0;
  int used = 0;
  const std::string said = end_sandbox();
  ASSERT_EQ(sscanf(said.c_str(), "stackdyno-exec monotonic_ns=%lld\n%n", &stamp, &used), 1) << said;
  EXPECT_EQ(static_cast<std::size_t>(used), said.size()) << said;
  EXPECT_GE(stamp, before);
  EXPECT_LE(stamp, after);
}

// Issue 14, row 7: a server that prints and sends forged stamps.
TEST_F(DynoExec, Row7TheFirstStampIsTheOnlyOne) {
  const Ran ran = run("sh -c 'for i in $(seq 40); do echo stackdyno-exec monotonic_ns=1; done'");
  EXPECT_EQ(ran.exit_code, 0);
  while (send_stamp(2)) {  // until the sandbox has closed its socket
  }
  EXPECT_FALSE(send_stamp(3));
  const std::string said = end_sandbox();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_EQ(said.find("=1\n"), std::string::npos) << said;
  EXPECT_EQ(said.find("=2\n"), std::string::npos) << said;
}

// Issue 14, row 7. The sandbox may be late; without one the program must not begin, for it could be the first to send.
TEST_F(DynoExec, Row7WaitsForTheSandboxBeforeItTakesTheTime) {
  static_cast<void>(end_sandbox());
  const pid_t late = fork();
  if (late == 0) {
    execl(kProgram, kProgram, "sh", "-c", "exit 7", nullptr);
    _exit(99);
  }
  usleep(100'000);
  int status = 0;
  EXPECT_EQ(waitpid(late, &status, WNOHANG), 0) << "it began";
  const long long before = monotonic_ns();
  start_sandbox();
  ASSERT_EQ(waitpid(late, &status, 0), late);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  long long stamp = 0;
  const std::string said = end_sandbox();
  ASSERT_EQ(sscanf(said.c_str(), "stackdyno-exec monotonic_ns=%lld", &stamp), 1) << said;
  EXPECT_GE(stamp, before);
}

TEST_F(DynoExec, PassesTheExitCodeOn) { EXPECT_EQ(run("sh -c 'exit 7'").exit_code, 7); }

TEST_F(DynoExec, SaysWhyItCannotStart) {
  const Ran missing = run("/no/such/program");
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_EQ(missing.output, "stackdyno-exec cannot start \"/no/such/program\": No such file or directory\n");
  static_cast<void>(end_sandbox());
  start_sandbox();
  EXPECT_EQ(run("/etc/passwd").exit_code, 126);
  EXPECT_EQ(run("").exit_code, 125);
}

class DynoExecPause : public testing::TestWithParam<int> {};

TEST_P(DynoExecPause, EndsWithZeroAtASignal) {
  const pid_t pid = fork();
  if (pid == 0) {
    // Blocked before exec, the signal waits if it comes before the program listens: no race, no sleep.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, GetParam());
    sigprocmask(SIG_BLOCK, &set, nullptr);
    execl(kProgram, kProgram, "pause", nullptr);
    _exit(99);
  }
  ASSERT_GT(pid, 0);
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
  // A signal before the child's sigprocmask would kill it; the child is past exec once its command line says so.
  for (std::string line; line.find("pause") == std::string::npos;) {
    std::array<char, 256> buffer{};
    FILE* file = fopen(("/proc/" + std::to_string(pid) + "/cmdline").c_str(), "r");
    ASSERT_NE(file, nullptr);
    line.assign(buffer.data(), fread(buffer.data(), 1, buffer.size(), file));
    fclose(file);
  }
  ASSERT_EQ(kill(pid, GetParam()), 0);
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

INSTANTIATE_TEST_SUITE_P(Signals, DynoExecPause, testing::Values(SIGTERM, SIGINT));

}  // namespace
}  // namespace dyno
