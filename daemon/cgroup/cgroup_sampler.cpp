#include "cgroup/cgroup_sampler.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>

#include "base/quantity.h"
#include "cgroup/container_counters.h"
#include "cgroup/counter_file.h"
#include "cgroup/process_files.h"
#include "model/sampling.h"

namespace dyno::cgroup {
namespace {

// The lines of some 500 CPUs, which come first. What is behind them is of no use here.
constexpr std::size_t kHostBytes = std::size_t{64} << 10U;

Nanos own_cpu_time() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  const auto time = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return time(usage.ru_utime) + time(usage.ru_stime);
}

class CgroupSampling final : public ports::Sampling {
 public:
  CgroupSampling(Clock& clock, ContainerCounters counters, std::string proc, std::string folder, bool pss_available,
                 Nanos period)
      : clock_(clock),
        counters_(std::move(counters)),
        proc_(std::move(proc)),
        folder_(std::move(folder)),
        pss_available_(pss_available),
        period_(period),
        thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

  Result<ports::CpuReading> read_cpu() override {
    const MonotonicTime before = clock_.now();
    const auto read = counters_.read_cpu();
    if (!read) return fail(read.error());
    return ports::CpuReading{before + (clock_.now() - before) / 2, read->cpu, read->throttled, read->throttled_periods};
  }

  Result<std::vector<std::pair<std::int64_t, Nanos>>> read_thread_cpu() override {
    const auto pids = pids_in(folder_);
    if (!pids) return fail(pids.error());
    return thread_cpu(proc_, *pids);
  }

  Result<model::MemoryReading> read_memory(bool with_pss) override {
    const auto read = counters_.read_memory();
    if (!read) return fail(read.error());
    model::MemoryReading reading;
    reading.private_bytes = read->private_bytes;
    reading.docker_equivalent = read->docker_equivalent;
    reading.cgroup_peak = counters_.read_peak();
    if (!with_pss || !pss_available_) return reading;
    const auto pids = pids_in(folder_);
    const auto pss = pids ? pss_sum(proc_, *pids) : Result<Bytes>(fail(pids.error()));
    if (pss && !pids->empty()) reading.pss = *pss;  // otherwise absent, never RSS instead
    return reading;
  }

  Status reset_peak() override { return counters_.reset_peak(); }

  std::vector<model::Sample> samples_since(MonotonicTime from) override {
    const std::lock_guard lock(mutex_);
    const auto first = std::lower_bound(samples_.begin(), samples_.end(), from,
                                        [](const model::Sample& s, MonotonicTime t) { return s.at < t; });
    return {first, samples_.end()};
  }

  ports::SamplerCost cost() override {
    const std::lock_guard lock(mutex_);
    return cost_;
  }

  std::optional<std::int64_t> oom_kills() override { return counters_.oom_kills(); }
  std::optional<ports::PidsReading> pids() override { return counters_.pids(); }
  bool pss_available() override { return pss_available_; }
  std::string source() override { return counters_.version() == Version::v1 ? "cgroup v1" : "cgroup v2"; }

 private:
  void run(std::stop_token stop) {
    MonotonicTime due = clock_.now() + period_;
    while (clock_.wait_until(due, stop) == WaitOutcome::reached) {
      const MonotonicTime now = clock_.now();
      // A tick that is late by whole periods also counts for those it missed.
      const std::int64_t missed = (now - due) / period_;
      const bool alive = tick(missed);
      if (!alive) return;  // the cgroup is gone: an event that its owner sees by other means, not an error to repeat
      due += period_ * (missed + 1);
    }
  }

  bool tick(std::int64_t missed) {
    const auto cpu = read_cpu();
    const auto memory = counters_.read_memory();
    const Nanos spent = own_cpu_time();
    const std::lock_guard lock(mutex_);
    cost_.ticks += 1 + missed;
    cost_.late_ticks += missed;
    cost_.cpu = spent;
    if (cpu && memory) {
      samples_.push_back(
          {cpu->at, memory->private_bytes, memory->docker_equivalent, cpu->cpu.count(), cpu->throttled.count()});
      return true;
    }
    return (cpu ? memory.error() : cpu.error()).code != ErrorCode::not_found;
  }

  // set once in the constructor
  Clock& clock_;
  const ContainerCounters counters_;
  const std::string proc_;
  const std::string folder_;
  const bool pss_available_;
  const Nanos period_;

  // guarded by mutex_
  std::mutex mutex_;
  std::vector<model::Sample> samples_;
  ports::SamplerCost cost_;

  std::jthread thread_;
};

}  // namespace

Result<std::unique_ptr<ports::Sampling>> CgroupSampler::start(std::int64_t pid, Nanos period) {
  if (pid <= 0) return fail(ErrorCode::invalid_argument, "no process to sample");
  if (period < model::kShortestSamplePeriod || period > model::kLongestSamplePeriod)
    return fail(ErrorCode::invalid_argument,
                fmt::format("the sampling period must be {} to {}", format_duration(model::kShortestSamplePeriod),
                            format_duration(model::kLongestSamplePeriod)));
  const std::string context = fmt::format("sampling the cgroup of pid {}", pid);
  const std::string proc = root_ + "/proc";
  const auto member = read_file(fmt::format("{}/{}/cgroup", proc, pid), kLongestText);
  if (!member) return fail(member.error().error(), context);
  const auto mounts = read_file(proc + "/self/mountinfo", kLongestText);
  if (!mounts) return fail(mounts.error().error(), context);
  const auto folders = find_folders(*member, *mounts);
  if (!folders) return fail(folders.error(), context);
  auto counters = ContainerCounters::open(*folders, root_);
  if (!counters) return fail(counters.error(), context);
  return std::make_unique<CgroupSampling>(clock_, std::move(*counters), proc, root_ + folders->memory.path,
                                          may_read_pss(proc, pid), period);
}

Result<ports::HostReading> CgroupSampler::read_host(const std::vector<int>& cpus) {
  const std::string path = root_ + "/proc/stat";
  const auto file = CounterFile::open(path);
  if (!file) return fail(file.error());
  std::array<char, kHostBytes> buffer;
  const MonotonicTime at = clock_.now();
  const auto text = file->read_begin(buffer);
  if (!text) return fail(text.error());
  const auto cpu = host_cpu_of(*text, sysconf(_SC_CLK_TCK), cpus);
  if (!cpu) return fail(ErrorCode::unsupported, fmt::format("{} has no CPU time of the host", path));
  return ports::HostReading{at, cpu->busy, cpu->steal};
}

Result<std::vector<ports::Listener>> CgroupSampler::listeners(std::int64_t pid) {
  return listeners_of(root_ + "/proc", pid);
}

}  // namespace dyno::cgroup
