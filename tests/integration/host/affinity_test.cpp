// The threads and children of this process, moved for real.
#include "host/affinity.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

extern char** environ;  // NOLINT(readability-redundant-declaration): not declared by every unistd.h

namespace dyno::host {
namespace {

std::vector<int> cpus_of(pid_t thread) {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(thread, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<pid_t> own_threads() {
  std::vector<pid_t> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
    threads.push_back(static_cast<pid_t>(std::stol(entry.path().filename().string())));
  return threads;
}

// A program that does nothing until it is ended.
class Child {
 public:
  Child() {
    std::string name = "sleep";
    std::string time = "60";
    char* const words[] = {name.data(), time.data(), nullptr};
    EXPECT_EQ(posix_spawnp(&pid_, "sleep", nullptr, nullptr, words, environ), 0);
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

// Threads that wait, and one that can start more.
class AffinityTest : public testing::Test {
 protected:
  AffinityTest() {
    for (int i = 0; i < 3; ++i) start_thread();
  }
  ~AffinityTest() override {
    EXPECT_TRUE(confine_process(all_));
    for (auto& thread : threads_) thread.request_stop();
  }
  void start_thread() {
    threads_.emplace_back([this](std::stop_token stop) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [] { return false; });
    });
  }

  const std::vector<int> all_ = own_cpus();
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::jthread> threads_;
};

TEST_F(AffinityTest, MovesEveryThreadAndTakesThemBack) {
  if (all_.size() < 2) GTEST_SKIP() << "one CPU: NOT TESTED";
  const std::vector<int> first{all_.front()};
  ASSERT_TRUE(confine_process(first));
  for (const pid_t thread : own_threads()) EXPECT_EQ(cpus_of(thread), first);
  start_thread();
  ASSERT_EQ(own_threads().size(), 5U);
  for (const pid_t thread : own_threads()) EXPECT_EQ(cpus_of(thread), first) << "one that was started later";
  ASSERT_TRUE(confine_process(all_));
  for (const pid_t thread : own_threads()) EXPECT_EQ(cpus_of(thread), all_);
}

TEST_F(AffinityTest, MovesProgramsThatItStarted) {
  if (all_.size() < 2) GTEST_SKIP() << "one CPU: NOT TESTED";
  const Child before;
  ASSERT_TRUE(confine_process({all_.front()}));
  const Child after;
  EXPECT_EQ(cpus_of(before.pid()), std::vector<int>{all_.front()});
  EXPECT_EQ(cpus_of(after.pid()), std::vector<int>{all_.front()});
  // What is pinned stays so: such a program decided for itself.
  ASSERT_TRUE(confine_process(all_));
  EXPECT_EQ(cpus_of(after.pid()), std::vector<int>{all_.front()});
}

TEST_F(AffinityTest, RefusesToLeaveNoCpu) {
  for (const std::vector<int>& none : {std::vector<int>{}, std::vector<int>{-1}, std::vector<int>{1 << 20}}) {
    const auto refused = confine_process(none);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(confine_process({1023})) << "that CPU is not there";
  for (const pid_t thread : own_threads()) EXPECT_EQ(cpus_of(thread), all_);
}

}  // namespace
}  // namespace dyno::host
