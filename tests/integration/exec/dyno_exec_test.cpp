#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>

#include <gtest/gtest.h>
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

TEST(DynoExec, StampsTheMonotonicClockAndBecomesTheProgram) {
  const long long before = monotonic_ns();
  const Ran ran = run("printf '%s|' one 'two words' '$HOME'");
  const long long after = monotonic_ns();
  long long stamp = 0;
  int used = 0;
  ASSERT_EQ(sscanf(ran.output.c_str(), "stackdyno-exec monotonic_ns=%lld%n", &stamp, &used), 1) << ran.output;
  EXPECT_GE(stamp, before);
  EXPECT_LE(stamp, after);
  EXPECT_EQ(ran.output.substr(static_cast<std::size_t>(used)), "\none|two words|$HOME|");
  EXPECT_EQ(ran.exit_code, 0);
}

TEST(DynoExec, PassesTheExitCodeOn) { EXPECT_EQ(run("sh -c 'exit 7'").exit_code, 7); }

TEST(DynoExec, SaysWhyItCannotStart) {
  const Ran missing = run("/no/such/program");
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_NE(missing.output.find("stackdyno-exec cannot start \"/no/such/program\": No such file or directory\n"),
            std::string::npos)
      << missing.output;
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
