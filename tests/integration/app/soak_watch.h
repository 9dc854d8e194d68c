// What a process uses while it works for long: private memory, descriptors, threads, and the size of its database's log; and what of it
// grows. For tests.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dyno::tests {

struct SoakSample {
  double hours = 0;  // since the first one
  double anonymous_mib = 0;
  int descriptors = 0;
  int threads = 0;
  double log_mib = 0;
  bool has_log = false;  // it was where it was looked for
};

struct SoakLimits {
  double mib_per_hour = 1;
  double mib_at_least = 1;  // so much more at the end is not told from noise, however short the watch was
  int descriptors = 8;      // connections of the moment
  int threads = 4;
  double log_mib = 64;
};

// Growth after the first third, in which caches fill and the heap finds its size. A word for each limit that is passed; none: all is well.
std::vector<std::string> what_grows(const std::vector<SoakSample>& samples, const SoakLimits& limits = {});

class SoakWatch {
 public:
  explicit SoakWatch(pid_t pid, std::filesystem::path log = {}) : pid_(pid), log_(std::move(log)) {}

  void look();
  const std::vector<SoakSample>& samples() const { return samples_; }
  std::string describe() const;  // from the first sample behind the first third to the last one

 private:
  pid_t pid_;
  std::filesystem::path log_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::vector<SoakSample> samples_;
};

// How long to soak: DYNO_SOAK_MINUTES, or this.
std::chrono::seconds soak_time(std::chrono::seconds otherwise);

}  // namespace dyno::tests
