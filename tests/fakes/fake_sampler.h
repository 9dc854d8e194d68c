// A Sampler whose container behaves as a FakeSampling script says: constant CPU use, fixed memory, chosen errors. Times come from
// the given clock. Thread-safe; counts how many samplings live, so that a test can see none is left behind.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "ports/sampler.h"

namespace dyno::fakes {

struct SamplingScript {
  double cores = 0.5;          // CPU time per time
  double busiest_share = 1.0;  // of it in thread 1, the rest in thread 2
  model::MemoryReading memory{mib(40), mib(36), mib(50), mib(60)};
  std::optional<std::int64_t> oom_kills = 0;
  std::optional<ports::PidsReading> pids;
  bool pss_available = true;
  std::int64_t late_ticks = 0;
  std::optional<Error> start_error;  // start() answers so
  std::optional<Error> read_error;   // every reading answers so, such as not_found once the cgroup is gone
  std::optional<Error> reset_error;
};

class FakeSampler final : public ports::Sampler {
 public:
  explicit FakeSampler(Clock& clock) : clock_(clock) {}

  Result<std::unique_ptr<ports::Sampling>> start(std::int64_t pid, Nanos period) override;
  Result<ports::HostReading> read_host(const std::vector<int>& cpus) override;
  Result<std::vector<ports::Listener>> listeners(std::int64_t pid) override;

  // May be changed while samplings run: they follow it.
  void script(SamplingScript script);
  void script_pid(std::int64_t pid, SamplingScript script);
  void listen(std::vector<ports::Listener> listeners);  // in every network namespace
  void host(double busy_cores, double steal_cores);
  std::vector<int> host_cpus() const;  // whose stolen time was asked for last
  int live() const;
  std::vector<std::int64_t> started() const;  // pids, in order

  // For FakeSampling only.
  SamplingScript script_of(std::int64_t pid) const;
  void ended();

 private:
  Clock& clock_;

  // guarded by mutex_
  mutable std::mutex mutex_;
  SamplingScript script_;
  std::map<std::int64_t, SamplingScript> by_pid_;
  std::vector<std::int64_t> started_;
  double busy_cores_ = 0.5;
  double steal_cores_ = 0;
  std::vector<int> host_cpus_;
  std::vector<ports::Listener> listeners_;
  int live_ = 0;
};

}  // namespace dyno::fakes
