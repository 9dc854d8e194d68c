// What the calling thread has cost so far: CPU time, context switches, and time it was runnable but not running. Opened by the
// thread it is about.
#pragma once

#include <cstdint>

#include "base/file.h"

namespace dyno::loadgen {

struct CpuReading {
  std::int64_t cpu_ns = 0;
  std::int64_t context_switches = 0;
  std::int64_t run_queue_wait_ns = 0;
};

class CpuMeter {
 public:
  CpuMeter();

  CpuReading read() const;

 private:
  Descriptor schedstat_;
};

}  // namespace dyno::loadgen
