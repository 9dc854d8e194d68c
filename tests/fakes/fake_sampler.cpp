#include "fakes/fake_sampler.h"

#include <algorithm>

namespace dyno::fakes {
namespace {

Nanos share(Nanos duration, double ratio) {
  return Nanos(static_cast<std::int64_t>(static_cast<double>(duration.count()) * ratio));
}

class FakeSampling final : public ports::Sampling {
 public:
  FakeSampling(FakeSampler& sampler, Clock& clock, std::int64_t pid, Nanos period)
      : sampler_(sampler), clock_(clock), pid_(pid), period_(period), begin_(clock.now()) {}
  ~FakeSampling() override { sampler_.ended(); }
  FakeSampling(const FakeSampling&) = delete;
  FakeSampling& operator=(const FakeSampling&) = delete;

  Result<ports::CpuReading> read_cpu() override {
    const SamplingScript script = sampler_.script_of(pid_);
    if (script.read_error) return fail(*script.read_error);
    const MonotonicTime now = clock_.now();
    return ports::CpuReading{now, share(now - begin_, script.cores), Nanos(0), 0};
  }

  Result<std::vector<std::pair<std::int64_t, Nanos>>> read_thread_cpu() override {
    const SamplingScript script = sampler_.script_of(pid_);
    if (script.read_error) return fail(*script.read_error);
    const Nanos cpu = share(clock_.now() - begin_, script.cores);
    const Nanos busiest = share(cpu, script.busiest_share);
    return std::vector<std::pair<std::int64_t, Nanos>>{{pid_, busiest}, {pid_ + 1, cpu - busiest}};
  }

  Result<model::MemoryReading> read_memory(bool with_pss) override {
    const SamplingScript script = sampler_.script_of(pid_);
    if (script.read_error) return fail(*script.read_error);
    model::MemoryReading reading = script.memory;
    if (!with_pss || !script.pss_available) reading.pss.reset();
    return reading;
  }

  Status reset_peak() override {
    const SamplingScript script = sampler_.script_of(pid_);
    if (script.reset_error) return fail(*script.reset_error);
    return {};
  }

  std::vector<model::Sample> samples_since(MonotonicTime from) override {
    const SamplingScript script = sampler_.script_of(pid_);
    std::vector<model::Sample> samples;
    const MonotonicTime now = clock_.now();
    for (MonotonicTime at = begin_ + period_; at <= now; at += period_) {
      if (at < from) continue;
      samples.push_back({at, script.memory.private_bytes.value_or(Bytes{}),
                         script.memory.docker_equivalent.value_or(Bytes{}), share(at - begin_, script.cores).count(),
                         0});
    }
    return samples;
  }

  ports::SamplerCost cost() override {
    const std::int64_t ticks = (clock_.now() - begin_) / period_;
    return {Nanos(25'000) * ticks, ticks, std::min(ticks, sampler_.script_of(pid_).late_ticks)};
  }

  std::optional<std::int64_t> oom_kills() override { return sampler_.script_of(pid_).oom_kills; }
  std::optional<ports::PidsReading> pids() override { return sampler_.script_of(pid_).pids; }
  bool pss_available() override { return sampler_.script_of(pid_).pss_available; }
  std::string source() override { return "cgroup v2"; }

 private:
  FakeSampler& sampler_;
  Clock& clock_;
  const std::int64_t pid_;
  const Nanos period_;
  const MonotonicTime begin_;
};

}  // namespace

Result<std::unique_ptr<ports::Sampling>> FakeSampler::start(std::int64_t pid, Nanos period) {
  {
    const std::lock_guard lock(mutex_);
    started_.push_back(pid);
    const auto own = by_pid_.find(pid);
    const SamplingScript& script = own == by_pid_.end() ? script_ : own->second;
    if (script.start_error) return fail(*script.start_error);
    ++live_;
  }
  return std::make_unique<FakeSampling>(*this, clock_, pid, period);
}

Result<ports::HostReading> FakeSampler::read_host(const std::vector<int>& cpus) {
  const std::lock_guard lock(mutex_);
  host_cpus_ = cpus;
  const MonotonicTime now = clock_.now();
  return ports::HostReading{now, share(now.time_since_epoch(), busy_cores_),
                            share(now.time_since_epoch(), steal_cores_)};
}

Result<std::vector<ports::Listener>> FakeSampler::listeners(std::int64_t) {
  const std::lock_guard lock(mutex_);
  return listeners_;
}

void FakeSampler::listen(std::vector<ports::Listener> listeners) {
  const std::lock_guard lock(mutex_);
  listeners_ = std::move(listeners);
}

void FakeSampler::script(SamplingScript script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

void FakeSampler::script_pid(std::int64_t pid, SamplingScript script) {
  const std::lock_guard lock(mutex_);
  by_pid_[pid] = std::move(script);
}

void FakeSampler::host(double busy_cores, double steal_cores) {
  const std::lock_guard lock(mutex_);
  busy_cores_ = busy_cores;
  steal_cores_ = steal_cores;
}

std::vector<int> FakeSampler::host_cpus() const {
  const std::lock_guard lock(mutex_);
  return host_cpus_;
}

int FakeSampler::live() const {
  const std::lock_guard lock(mutex_);
  return live_;
}

std::vector<std::int64_t> FakeSampler::started() const {
  const std::lock_guard lock(mutex_);
  return started_;
}

SamplingScript FakeSampler::script_of(std::int64_t pid) const {
  const std::lock_guard lock(mutex_);
  const auto own = by_pid_.find(pid);
  return own == by_pid_.end() ? script_ : own->second;
}

void FakeSampler::ended() {
  const std::lock_guard lock(mutex_);
  --live_;
}

}  // namespace dyno::fakes
