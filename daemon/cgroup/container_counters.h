// The open counter files of one container, v1 or v2, read as one meaning: CPU time, throttling, memory, peak, OOM kills.
// Immutable after open; reads may overlap and allocate nothing while they succeed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "cgroup/counter_file.h"
#include "cgroup/discovery.h"
#include "ports/sampler.h"

namespace dyno::cgroup {

struct CpuCounters {
  Nanos cpu{};
  Nanos throttled{};
  std::int64_t throttled_periods = 0;
};

struct MemoryCounters {
  Bytes private_bytes;
  Bytes docker_equivalent;
};

class ContainerCounters {
 public:
  // `root` stands before every path. unsupported when the kernel lacks what every sample needs.
  static Result<ContainerCounters> open(const Folders& folders, const std::string& root);

  Result<CpuCounters> read_cpu() const;
  Result<MemoryCounters> read_memory() const;
  std::optional<Bytes> read_peak() const;
  // unsupported where the kernel cannot; the peak is then that of the container's whole life.
  Status reset_peak() const;
  std::optional<std::int64_t> oom_kills() const;
  std::optional<ports::PidsReading> pids() const;
  Version version() const { return memory_version_; }

 private:
  ContainerCounters(Version memory_version, Version cpuacct_version, Version cpu_version, CounterFile memory_stat,
                    CounterFile usage, CounterFile cpuacct);

  Version memory_version_;
  Version cpuacct_version_;
  Version cpu_version_;
  CounterFile memory_stat_;
  CounterFile usage_;
  CounterFile cpuacct_;
  std::optional<CounterFile> kernel_;  // v1
  std::optional<CounterFile>
      throttling_;  // absent: the kernel has no bandwidth limits, so that nothing can be throttled
  std::optional<CounterFile> peak_;
  bool peak_writable_ = false;
  std::optional<CounterFile> oom_;
  std::optional<CounterFile> pids_now_;
  std::optional<CounterFile> pids_limit_;
  std::optional<CounterFile> pids_events_;
};

}  // namespace dyno::cgroup
