// A dynod whose memory ends in the middle of a run (fault catalogue, K-06): the kernel kills it, in a memory cgroup of its own, or it is given
// no more and says so. Its next life goes on with the run. The engine is one on the wire.
#include <sys/resource.h>

#include <fstream>
#include <vector>

#include "integration/app/dynod_process.h"

namespace dyno::app {
namespace {

// A memory cgroup of the test's own, of either version; gone with the object. Empty path: none can be made here.
class MemoryGroup {
 public:
  MemoryGroup() {
    const fs::path root = "/sys/fs/cgroup";
    is_v1_ = fs::exists(root / "memory/memory.limit_in_bytes");
    std::error_code failed;
    path_ = (is_v1_ ? root / "memory" : root) / fmt::format("dyno-test-{}", getpid());
    if (fs::create_directory(path_, failed) && fs::exists(limit_file())) return;
    fs::remove(path_, failed);
    path_.clear();
  }
  ~MemoryGroup() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  bool is_there() const { return !path_.empty(); }
  void take(pid_t pid) const { put("cgroup.procs", std::to_string(pid)); }
  void limit(std::int64_t bytes) const {
    put(limit_file().filename(), std::to_string(bytes));
    if (!is_v1_) put("memory.swap.max", "0");
  }
  int kills() const {
    std::ifstream file(path_ / (is_v1_ ? "memory.oom_control" : "memory.events"));
    int count = 0;
    for (std::string word; file >> word;) {
      if (word == "oom_kill") file >> count;
    }
    return count;
  }

 private:
  fs::path limit_file() const { return path_ / (is_v1_ ? "memory.limit_in_bytes" : "memory.max"); }
  void put(const fs::path& name, const std::string& text) const { std::ofstream(path_ / name) << text; }

  bool is_v1_ = false;
  fs::path path_;
};

class OutOfMemory : public DynodProcess {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer reserves more than any limit";
#endif
    write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
    give_images();
    engine_.add_fault({.pattern = "POST /networks/create", .kind = fakes::WireFaultKind::stall_head});
    start();
    under_way_ = queue_run();
    ASSERT_TRUE(await([this] { return asked_for("POST /networks/create"); })) << log();
    waiting_ = queue_run();
  }
  // Requests whose bodies it has to keep, and that never end.
  void send_much() {
    const std::string head = fmt::format(
        "POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: "
        "1000000\r\n\r\n",
        port_);
    for (int i = 0; i < 15; ++i) {
      clients_.emplace_back(port_);
      clients_.back().send(head + std::string(900'000, ' '));
    }
  }
  std::optional<int> await_end() {
    std::optional<int> status;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!(status = ended()) && std::chrono::steady_clock::now() < deadline) {
      clients_.clear();
      send_much();
    }
    clients_.clear();
    return status;
  }
  void expect_both_go_on() {
    engine_.clear_faults();
    give_images();
    start();
    ASSERT_TRUE(await([this] { return has_ended(under_way_) && has_ended(waiting_); })) << log();
    const std::string run = get("/api/v1/runs/" + under_way_);
    EXPECT_NE(run.find("\"resumed\":1"), std::string::npos) << run;
  }

  std::string under_way_;
  std::string waiting_;
  std::vector<api::RawClient> clients_;
};

TEST_F(OutOfMemory, KilledByTheKernelItGoesOnWithTheRun) {
  const MemoryGroup group;
  if (!group.is_there()) GTEST_SKIP() << "no memory cgroup can be made";
  group.take(pid_);
  group.limit(6 << 20);  // what it has had before is not counted
  const std::optional<int> status = await_end();
  ASSERT_TRUE(status) << "it needed no more memory\n" << log();
  EXPECT_TRUE(WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL) << *status << log();
  EXPECT_EQ(group.kills(), 1);
  expect_both_go_on();
}

TEST_F(OutOfMemory, GivenNoMoreItEndsWithWordsAndGoesOnWithTheRun) {
  // RLIMIT_AS would leave it what an arena of malloc has reserved and not yet begun to use: 64 MiB, at times.
  const rlimit none{1, 1};
  ASSERT_EQ(prlimit(pid_, RLIMIT_DATA, &none, nullptr), 0);
  const std::optional<int> status = await_end();
  ASSERT_TRUE(status) << "it needed no more memory\n" << log();
  EXPECT_TRUE(WIFEXITED(*status) && WEXITSTATUS(*status) == 1) << *status << log();
  EXPECT_TRUE(log().find("dynod: out of memory") != std::string::npos ||
              log().find("dynod: the system gives it no more threads or memory") != std::string::npos)
      << log();
  expect_both_go_on();
}

}  // namespace
}  // namespace dyno::app
