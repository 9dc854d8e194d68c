#include "cgroup/cgroup_sampler.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "fakes/fake_clock.h"

namespace dyno::cgroup {
namespace {

using fakes::FakeClock;

constexpr std::int64_t kPid = 4242;
constexpr Nanos kPeriod = std::chrono::milliseconds(100);

std::string tree(const std::string& name) { return std::string(DYNO_SOURCE_DIR) + "/tests/data/cgroup/" + name; }

struct Row {
  const char* tree;
  const char* source;
  std::int64_t private_bytes;
  std::int64_t cpu_ns;
  std::int64_t throttled_ns;
  std::int64_t throttled_periods;
  std::int64_t peak;
};

// Both trees tell of the same container: 10825728 anon and 1236992 kernel bytes, and 8192 shmem in v2.
constexpr Row kRows[] = {{"v1", "cgroup v1", 10825728 + 1236992, 264725815, 0, 0, 107757568},
                         {"v2", "cgroup v2", 10825728 + 8192 + 1236992, 264725000, 1500000, 3, 120000000}};

TEST(CgroupSampler, MeansTheSameOnEveryTree) {
  for (const Row& row : kRows) {
    FakeClock clock(FakeClock::Mode::manual);
    CgroupSampler sampler(clock, tree(row.tree));
    const auto sampling = sampler.start(kPid, kPeriod);
    ASSERT_TRUE(sampling) << sampling.error().message;
    EXPECT_EQ((*sampling)->source(), row.source);
    const auto cpu = (*sampling)->read_cpu();
    ASSERT_TRUE(cpu) << row.tree;
    EXPECT_EQ(cpu->cpu, Nanos(row.cpu_ns)) << row.tree;
    EXPECT_EQ(cpu->throttled, Nanos(row.throttled_ns)) << row.tree;
    EXPECT_EQ(cpu->throttled_periods, row.throttled_periods) << row.tree;
    EXPECT_EQ(cpu->at, clock.now()) << row.tree;
    const auto memory = (*sampling)->read_memory(true);
    ASSERT_TRUE(memory) << row.tree;
    EXPECT_EQ(memory->private_bytes, Bytes{row.private_bytes}) << row.tree;
    EXPECT_EQ(memory->docker_equivalent, Bytes{107757568 - 94334976}) << row.tree;
    EXPECT_EQ(memory->cgroup_peak, Bytes{row.peak}) << row.tree;
    EXPECT_EQ(memory->pss, kib(51788)) << row.tree;
    EXPECT_EQ((*sampling)->oom_kills(), 0) << row.tree;
    EXPECT_TRUE((*sampling)->pss_available()) << row.tree;
  }
}

// Issue 14, row 10.
TEST(CgroupSampler, Row10CountsProcessesAndThreads) {
  FakeClock clock(FakeClock::Mode::manual);
  for (const char* const name : {"v1", "v2"}) {
    CgroupSampler sampler(clock, tree(name));
    const auto sampling = sampler.start(kPid, kPeriod);
    ASSERT_TRUE(sampling) << sampling.error().message;
    const auto pids = (*sampling)->pids();
    ASSERT_TRUE(pids) << name;
    EXPECT_EQ(pids->now, 11) << name;
    EXPECT_EQ(pids->limit, 64) << name;
    EXPECT_EQ(pids->refused, 212) << name;
  }
}

// Issue 14, row 10.
TEST(CgroupSampler, Row10SeesWhereAContainerListens) {
  FakeClock clock;
  CgroupSampler sampler(clock, tree("v2"));
  const auto listeners = sampler.listeners(kPid);
  ASSERT_TRUE(listeners) << listeners.error().message;
  EXPECT_EQ(*listeners,
            (std::vector<ports::Listener>{{"127.0.0.11", 34567}, {"0.0.0.0", 9090}, {"::", 8081}, {"::1", 8082}}));
  EXPECT_FALSE(sampler.listeners(1));
}

TEST(CgroupSampler, ReadsPssOnlyWhenAsked) {
  FakeClock clock(FakeClock::Mode::manual);
  CgroupSampler sampler(clock, tree("v1"));
  const auto sampling = sampler.start(kPid, kPeriod);
  ASSERT_TRUE(sampling);
  EXPECT_FALSE((*sampling)->read_memory(false)->pss);
}

TEST(CgroupSampler, ReadsEveryThread) {
  FakeClock clock(FakeClock::Mode::manual);
  CgroupSampler sampler(clock, tree("v2"));
  const auto sampling = sampler.start(kPid, kPeriod);
  ASSERT_TRUE(sampling);
  auto threads = (*sampling)->read_thread_cpu();
  ASSERT_TRUE(threads);
  std::sort(threads->begin(), threads->end());
  EXPECT_EQ(*threads, (std::vector<std::pair<std::int64_t, Nanos>>{{4242, Nanos(150000000)}, {4243, Nanos(50000000)}}));
}

TEST(CgroupSampler, SamplesAtFixedInstantsAndCountsWhatItMissed) {
  FakeClock clock(FakeClock::Mode::manual);
  CgroupSampler sampler(clock, tree("v1"));
  const MonotonicTime begin = clock.now();
  const auto sampling = sampler.start(kPid, kPeriod);
  ASSERT_TRUE(sampling);
  clock.await_waiters(1);
  for (int i = 0; i < 3; ++i) {
    clock.advance(kPeriod);
    clock.await_waiters(1);
  }
  EXPECT_EQ((*sampling)->samples_since(begin).size(), 3U);
  EXPECT_EQ((*sampling)->cost().late_ticks, 0);
  clock.advance(kPeriod * 3 + kPeriod / 2);  // asleep over two ticks and a half
  clock.await_waiters(1);
  clock.advance(kPeriod / 2);
  clock.await_waiters(1);
  const auto samples = (*sampling)->samples_since(begin);
  ASSERT_EQ(samples.size(), 5U);
  EXPECT_EQ(samples[4].at, begin + kPeriod * 7);  // back on the grid
  EXPECT_EQ(samples[0].private_bytes, Bytes{10825728 + 1236992});
  EXPECT_EQ(samples[0].cpu_ns, 264725815);
  EXPECT_EQ((*sampling)->cost().ticks, 7);
  EXPECT_EQ((*sampling)->cost().late_ticks, 2);
  EXPECT_EQ((*sampling)->samples_since(begin + kPeriod * 3).size(), 3U);
}

TEST(CgroupSampler, SaysWhatItCannotFind) {
  FakeClock clock;
  CgroupSampler sampler(clock, tree("v1"));
  EXPECT_EQ(sampler.start(1, kPeriod).error().code, ErrorCode::not_found);
  EXPECT_EQ(sampler.start(0, kPeriod).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(sampler.start(kPid, Nanos(1)).error().code, ErrorCode::invalid_argument);
  EXPECT_FALSE(CgroupSampler(clock, "/nonexistent").read_host({}));
}

TEST(CgroupSampler, ReadsTheHost) {
  FakeClock clock;
  const auto host = CgroupSampler(clock, tree("v1")).read_host({});
  ASSERT_TRUE(host);
  const std::int64_t tick_ns = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  EXPECT_EQ(host->busy, Nanos((48131 + 50485 + 35924 + 0 + 1374) * tick_ns));
  EXPECT_EQ(host->steal, Nanos(62 * tick_ns));
}

}  // namespace
}  // namespace dyno::cgroup
