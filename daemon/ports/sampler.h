// The seam to the kernel's accounting of one container: CPU, memory, throttling, read from cgroup v1 or v2 files and /proc.
// Implemented by cgroup/, faked in tests/fakes. A Sampling belongs to one thread at a time; its own sampling thread is inside.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "model/measurement.h"

namespace dyno::ports {

// One reading of the cumulative counters, and when it was taken.
struct CpuReading {
  MonotonicTime at;
  Nanos cpu{};
  Nanos throttled{};
  std::int64_t throttled_periods = 0;
};

// Cumulative counters of the host, for steal and foreign load.
struct HostReading {
  MonotonicTime at;
  Nanos busy{};   // all CPUs, without idle, iowait and steal
  Nanos steal{};  // of the CPUs that were asked for
};

// Processes and threads of a container together. Absent: this kernel does not tell.
struct PidsReading {
  std::int64_t now = 0;
  std::optional<std::int64_t> limit;    // absent: none
  std::optional<std::int64_t> refused;  // how often one more was asked for at the limit, so far
};

// A TCP socket that waits for connections.
struct Listener {
  std::string address;  // "0.0.0.0", "::", "127.0.0.1", …
  int port = 0;
  bool operator==(const Listener&) const = default;
};

struct SamplerCost {
  Nanos cpu{};  // the sampling thread's own CPU time
  std::int64_t ticks = 0;
  std::int64_t late_ticks = 0;  // late by a period or more
};

// Sampling of one container; ends with its object.
class Sampling {
 public:
  virtual ~Sampling() = default;
  virtual Result<CpuReading> read_cpu() = 0;  // may be called from another thread than the owner's
  // CPU time of the busiest and of all threads is read at window edges: cumulative, by thread id.
  virtual Result<std::vector<std::pair<std::int64_t, Nanos>>> read_thread_cpu() = 0;
  virtual Result<model::MemoryReading> read_memory(
      bool with_pss) = 0;  // with_pss only at quiet moments: it holds the app's map lock
  virtual Status
  reset_peak() = 0;  // unsupported where the kernel cannot; then the peak is that of the container's life
  // Periodic samples taken since `from`, oldest first; kept until the object ends.
  virtual std::vector<model::Sample> samples_since(MonotonicTime from) = 0;
  virtual SamplerCost cost() = 0;
  virtual std::optional<std::int64_t> oom_kills() = 0;  // absent where the kernel does not count them
  virtual std::optional<PidsReading> pids() = 0;        // may be called from another thread than the owner's
  virtual bool pss_available() = 0;
  virtual std::string source() = 0;  // "cgroup v1", "cgroup v2"
};

class Sampler {
 public:
  virtual ~Sampler() = default;
  // Finds the cgroup of `pid` and starts to sample every `period` (model::kShortestSamplePeriod … kLongestSamplePeriod).
  virtual Result<std::unique_ptr<Sampling>> start(std::int64_t pid, Nanos period) = 0;
  // `cpus`: whose stolen time is told; none: of all.
  virtual Result<HostReading> read_host(const std::vector<int>& cpus) = 0;
  // Those in the network namespace of `pid`, each once.
  virtual Result<std::vector<Listener>> listeners(std::int64_t pid) = 0;
};

}  // namespace dyno::ports
