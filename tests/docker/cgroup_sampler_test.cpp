// The sampler on real containers: known memory, known CPU time, its own cost, and the end of a container under its eyes.
#include "cgroup/cgroup_sampler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <string>

#include "docker/cgroup_files.h"
#include "docker/docker_world.h"

namespace dyno::tests {
namespace {

constexpr Nanos kPeriod = std::chrono::milliseconds(100);  // 10 Hz
constexpr Nanos kGrace = std::chrono::seconds(5);

class SamplerOnDocker : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!world_.why_not().empty()) GTEST_SKIP() << world_.why_not();
  }

  // The sampling of a container that runs `command` and is ready.
  std::unique_ptr<ports::Sampling> sample(std::vector<std::string> command, Bytes memory = mib(512)) {
    ports::ContainerSpec spec = world_.spec("app", std::move(command));
    spec.pids = 64;
    spec.memory = memory;
    spec.tmp = mib(64);
    container_ = world_.running(spec);
    const auto status = world_.engine().inspect_container(container_);
    if (!status) return nullptr;
    pid_ = status->pid;
    auto sampling = sampler_.start(pid_, kPeriod);
    EXPECT_TRUE(sampling) << sampling.error().message;
    return sampling ? std::move(*sampling) : nullptr;
  }

  void wait(Nanos duration) { wait_for(world_.clock(), duration, {}); }

  DockerWorld world_;
  cgroup::CgroupSampler sampler_{world_.clock()};
  std::string container_;
  std::int64_t pid_ = 0;
};

double in_mib(Bytes bytes) { return static_cast<double>(bytes.value) / 1048576.0; }

// T-02: held memory comes back in `private` within 1 % + 0.5 MiB.
TEST_F(SamplerOnDocker, TellsHeldMemory) {
  for (const int held : {16, 64, 256}) {
    const auto sampling = sample({"hold", std::to_string(held)});
    ASSERT_TRUE(sampling);
    const auto memory = sampling->read_memory(true);
    ASSERT_TRUE(memory) << memory.error().message;
    std::cout << fmt::format(
        "held {} MiB: private {:.2f}, docker_equivalent {:.2f}, peak {:.2f}, PSS {:.2f} MiB ({})\n", held,
        in_mib(*memory->private_bytes), in_mib(*memory->docker_equivalent),
        in_mib(memory->cgroup_peak.value_or(Bytes{})), in_mib(memory->pss.value_or(Bytes{})), sampling->source());
    EXPECT_NEAR(in_mib(*memory->private_bytes), held, held * 0.01 + 0.5);
    EXPECT_GE(in_mib(*memory->docker_equivalent), held);
    if (sampling->pss_available()) {
      ASSERT_TRUE(memory->pss);
      EXPECT_NEAR(in_mib(*memory->pss), held, held * 0.01 + 1);
    }
    EXPECT_TRUE(world_.engine().remove_container(container_));
  }
}

TEST_F(SamplerOnDocker, CountsFilesInTheScratchFolderAsPrivate) {
  const auto sampling = sample({"file", "16"});
  ASSERT_TRUE(sampling);
  const auto memory = sampling->read_memory(false);
  ASSERT_TRUE(memory) << memory.error().message;
  EXPECT_NEAR(in_mib(*memory->private_bytes), 16, 16 * 0.01 + 0.75);
  EXPECT_FALSE(memory->pss);
}

TEST_F(SamplerOnDocker, ResetsThePeakWhereTheKernelCan) {
  const auto sampling = sample({"hold", "16"});
  ASSERT_TRUE(sampling);
  const auto reset = sampling->reset_peak();
  if (!reset) {
    EXPECT_EQ(reset.error().code, ErrorCode::unsupported);
    return;
  }
  const auto memory = sampling->read_memory(false);
  ASSERT_TRUE(memory && memory->cgroup_peak);
  EXPECT_GE(in_mib(*memory->cgroup_peak), 16);
}

// ---- issue 14, row 44: the figures are those of the cgroup's own files, read here by other code, on whichever cgroup is there ----

std::int64_t pss_in(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  std::string key;
  for (std::int64_t kib = 0; file >> key;) {
    if (key == "Pss:" && file >> kib) return kib * 1024;
  }
  return 0;
}

TEST_F(SamplerOnDocker, Row44TellsTheMemoryOfTheCgroupsFilesToTheByte) {
  const auto sampling = sample({"hold", "32"});
  ASSERT_TRUE(sampling);
  ASSERT_EQ(kill(static_cast<pid_t>(pid_), SIGSTOP), 0) << "what stands still can be read twice";
  wait(std::chrono::milliseconds(200));
  const auto told = sampling->read_memory(true);
  const CgroupFigures files = cgroup_figures(pid_);
  ASSERT_TRUE(told) << told.error().message;
  std::cout << "cgroup " << (files.is_v1 ? "v1" : "v2") << ": " << cgroup_folder(pid_, "memory") << "\n";
  EXPECT_EQ(told->private_bytes->value, files.private_bytes);
  EXPECT_EQ(told->docker_equivalent->value, files.docker_equivalent);
  EXPECT_EQ(told->cgroup_peak.value_or(Bytes{}).value, files.peak);
  if (sampling->pss_available()) {
    EXPECT_EQ(told->pss.value_or(Bytes{}).value, pss_in(pid_));
  }
  EXPECT_EQ(kill(static_cast<pid_t>(pid_), SIGCONT), 0);
}

TEST_F(SamplerOnDocker, Row44TellsTheThrottlingOfTheCgroupsFiles) {
  const auto sampling = sample({"burn", "200"});
  ASSERT_TRUE(sampling);
  const std::string folder = cgroup_folder(pid_, "cpu");
  const bool v1 = access((folder + "/cpu.cfs_quota_us").c_str(), F_OK) == 0;
  std::ofstream(folder + (v1 ? "/cpu.cfs_quota_us" : "/cpu.max")) << (v1 ? "20000" : "20000 100000");
  const auto before = sampling->read_cpu();
  ASSERT_TRUE(before) << before.error().message;
  ASSERT_EQ(kill(static_cast<pid_t>(pid_), SIGUSR1), 0);
  const MonotonicTime deadline = world_.clock().now() + std::chrono::seconds(30);
  while (world_.engine().container_log(container_, kib(4)).value_or("").find("burned") == std::string::npos) {
    ASSERT_LT(world_.clock().now(), deadline);
    wait(std::chrono::milliseconds(20));
  }
  ASSERT_EQ(kill(static_cast<pid_t>(pid_), SIGSTOP), 0);
  wait(std::chrono::milliseconds(300));
  const auto after = sampling->read_cpu();
  ASSERT_TRUE(after) << after.error().message;
  auto stat = numbers_in(folder + "/cpu.stat");
  std::cout << "throttled in " << after->throttled_periods - before->throttled_periods << " periods\n";
  EXPECT_GT(after->throttled_periods, before->throttled_periods);
  EXPECT_EQ(after->throttled_periods, stat["nr_throttled"]);
  EXPECT_EQ(after->throttled.count(), v1 ? stat["throttled_time"] : stat["throttled_usec"] * 1000);
  EXPECT_EQ(after->cpu.count(), cgroup_figures(pid_).cpu_ns);
  EXPECT_EQ(kill(static_cast<pid_t>(pid_), SIGCONT), 0);
}

// T-03, for the reading alone: CPU time between two readings.
TEST_F(SamplerOnDocker, TellsBurnedCpuTime) {
  constexpr Nanos kBurned = std::chrono::milliseconds(500);
  const auto sampling = sample({"burn", "500"});
  ASSERT_TRUE(sampling);
  const auto before = sampling->read_cpu();
  ASSERT_TRUE(before) << before.error().message;
  ASSERT_EQ(kill(static_cast<pid_t>(pid_), SIGUSR1), 0) << "tests on containers run as root, or as their user";
  const MonotonicTime deadline = world_.clock().now() + std::chrono::seconds(30);
  while (world_.engine().container_log(container_, kib(4)).value_or("").find("burned") == std::string::npos) {
    ASSERT_LT(world_.clock().now(), deadline);
    wait(std::chrono::milliseconds(20));
  }
  const auto after = sampling->read_cpu();
  ASSERT_TRUE(after) << after.error().message;
  const double ms = static_cast<double>((after->cpu - before->cpu).count()) / 1e6;
  std::cout << fmt::format("burned 500 ms, read {:.2f} ms\n", ms);
  EXPECT_NEAR(ms, static_cast<double>(kBurned.count()) / 1e6, 500 * 0.02 + 2);
  EXPECT_EQ(after->throttled_periods, before->throttled_periods);
}

TEST_F(SamplerOnDocker, TellsTheCpuTimeOfEachThread) {
  const auto sampling = sample({"threads", "2", "50"});
  ASSERT_TRUE(sampling);
  const MonotonicTime deadline = world_.clock().now() + std::chrono::seconds(30);
  std::size_t done = 0;
  std::size_t threads = 0;
  while (done < 3 && world_.clock().now() < deadline) {
    const auto read = sampling->read_thread_cpu();
    ASSERT_TRUE(read) << read.error().message;
    threads = read->size();
    done = static_cast<std::size_t>(std::count_if(
        read->begin(), read->end(), [](const auto& t) { return t.second >= std::chrono::milliseconds(50); }));
    wait(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(threads, 3U);
  EXPECT_EQ(done, 3U);
}

// T-11: the limit of the promise is 0.5 % of a core; the test is generous, for it may run on a busy machine.
TEST_F(SamplerOnDocker, CostsLittle) {
  const auto sampling = sample({"hold", "16"});
  ASSERT_TRUE(sampling);
  const MonotonicTime begin = world_.clock().now();
  wait(std::chrono::seconds(3));
  const Nanos elapsed = world_.clock().now() - begin;
  const ports::SamplerCost cost = sampling->cost();
  const double share = static_cast<double>(cost.cpu.count()) / static_cast<double>(elapsed.count());
  std::cout << fmt::format("sampling at 10 Hz: {} ticks, {:.1f} µs a tick, {:.3f} % of a core, {} late\n", cost.ticks,
                           static_cast<double>(cost.cpu.count()) / 1e3 / static_cast<double>(cost.ticks), share * 100,
                           cost.late_ticks);
  EXPECT_GE(cost.ticks, 25);
  EXPECT_LT(share, 0.02);
  EXPECT_GE(static_cast<std::int64_t>(sampling->samples_since(begin).size()), cost.ticks - cost.late_ticks - 2);
}

// Issue 14, row 10.
TEST_F(SamplerOnDocker, Row10SeesAnAppThatTookAllItsProcesses) {
  const auto sampling = sample({"fork"});
  ASSERT_TRUE(sampling);
  const auto pids = sampling->pids();
  ASSERT_TRUE(pids);
  EXPECT_EQ(pids->now, 64);
  EXPECT_EQ(pids->limit, 64);
  EXPECT_GE(pids->refused.value_or(1), 1);
}

// Issue 14, row 10.
TEST_F(SamplerOnDocker, Row10SeesWhereAContainerListens) {
  ASSERT_TRUE(sample({"listen", "9090"}));
  const auto listeners = sampler_.listeners(pid_);
  ASSERT_TRUE(listeners) << listeners.error().message;
  const bool found =
      std::find(listeners->begin(), listeners->end(), ports::Listener{"0.0.0.0", 9090}) != listeners->end();
  EXPECT_TRUE(found);
}

// Issue 14, row 10.
TEST_F(SamplerOnDocker, Row10SeesAFloodOfOutput) {
  const WallTime before = world_.clock().wall_now();
  ASSERT_TRUE(sample({"flood", "8192"}));
  const auto flood = world_.engine().logged_since(container_, before);
  ASSERT_TRUE(flood) << flood.error().message;
  EXPECT_GT(flood->value, kib(512).value) << "the limit of the gate";
  wait(std::chrono::milliseconds(10));
  EXPECT_EQ(world_.engine().logged_since(container_, world_.clock().wall_now()).value_or(kib(1)), Bytes{0});
}

TEST_F(SamplerOnDocker, SeesTheEndOfItsContainerAsAnEvent) {
  const auto sampling = sample({"pause"});
  ASSERT_TRUE(sampling);
  wait(kPeriod * 3);
  ASSERT_TRUE(world_.engine().stop_container(container_, kGrace));
  ASSERT_TRUE(world_.engine().remove_container(container_));
  EXPECT_EQ(sampling->read_cpu().error().code, ErrorCode::not_found);
  EXPECT_EQ(sampling->read_memory(true).error().code, ErrorCode::not_found);
  EXPECT_FALSE(sampling->samples_since(MonotonicTime{}).empty());
  EXPECT_EQ(sampler_.start(pid_, kPeriod).error().code, ErrorCode::not_found);
}

TEST_F(SamplerOnDocker, ReadsTheHost) {
  const auto before = sampler_.read_host({});
  ASSERT_TRUE(before) << before.error().message;
  wait(std::chrono::milliseconds(300));
  const auto after = sampler_.read_host({});
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_GT(after->at, before->at);
  EXPECT_GE(after->busy, before->busy);
  EXPECT_GE(after->steal, before->steal);
}

}  // namespace
}  // namespace dyno::tests
