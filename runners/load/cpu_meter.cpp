#include "runners/load/cpu_meter.h"

#include <array>
#include <cstdio>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runners/load/clock.h"

namespace dyno::loadgen {

CpuMeter::CpuMeter() : schedstat_(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}

CpuReading CpuMeter::read() const {
  CpuReading reading;
  reading.cpu_ns = thread_cpu_ns();
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  reading.context_switches = usage.ru_nvcsw + usage.ru_nivcsw;
  std::array<char, 96> text{};
  long long on_cpu_ns = 0;
  long long waiting_ns = 0;
  if (schedstat_.is_open() && pread(schedstat_.get(), text.data(), text.size() - 1, 0) > 0 &&
      std::sscanf(text.data(), "%lld %lld", &on_cpu_ns, &waiting_ns) == 2) {
    reading.run_queue_wait_ns = waiting_ns;
  }
  return reading;
}

}  // namespace dyno::loadgen
