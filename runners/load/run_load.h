// One load phase from spec to report: makes the workers, steers them over the edges of the window, gathers their seconds while
// they run and merges their results at the end. Enters the target's network namespace for good.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runners/load/load_spec.h"
#include "runners/load/worker_result.h"

namespace dyno::loadgen {

// One second of all workers together.
struct SecondReport {
  bool warming_up = false;
  std::int32_t number = 0;
  std::int64_t good = 0;
  std::int64_t errors = 0;
  std::int64_t length_ns = 0;
  std::int64_t times = 0;  // how many the percentiles stand on
  std::int64_t p50_ns = 0;
  std::int64_t p99_ns = 0;
  double busy_ratio = 0;  // of the busiest worker, deliberate spinning not counted
};

// Why the window ended: its time was over, all requests of the limit were done or never will be because no connection can be had,
// there were too many errors, or it was told to end.
enum class WindowEnd { time, count, errors, unreachable, interrupted };
std::string_view to_string(WindowEnd end);

struct LoadReport {
  bool open_loop = false;
  std::string transport;
  std::string security;    // of TLS: version, cipher, handshakes; else empty
  std::string timer_mode;  // none (closed loop), sleep, hybrid
  int connections = 0;
  int subscribers = 0;
  WindowEnd ended = WindowEnd::time;
  bool steady = true;
  WorkerResult all;  // merged; edges of the first worker, CPU time of the busiest
  std::int64_t cpu_all_ns = 0;
  std::int64_t spin_all_ns = 0;
  double busy_peak_ratio = 0;
  std::vector<SecondReport> seconds;  // of the window

  double window_s() const { return static_cast<double>(all.end_ns - all.begin_ns) / 1e9; }
  // Of the busiest worker, deliberate spinning not counted.
  double busy_ratio() const {
    return window_s() > 0 ? static_cast<double>(all.cpu_ns - all.spin_ns) / (window_s() * 1e9) : 0;
  }
  double throughput_per_s() const { return window_s() > 0 ? static_cast<double>(all.window.good) / window_s() : 0; }
};

struct LoadEvents {
  int edge_fd = -1;                              // the workers write the window's edges here themselves
  std::function<void(const LoadReport&)> ready;  // all connections are open
  std::function<void(std::int64_t begin_ns, std::int64_t end_ns)> planned;  // as soon as the window is decided
  std::function<void(const SecondReport&)> second;
  std::function<bool()> should_stop;  // asked every 50 ms: end without a report
  std::function<bool()> should_end;   // asked every 50 ms: end the window and report what was measured so far
};

Result<LoadReport> run_load(const LoadSpec& spec, const LoadEvents& events);

}  // namespace dyno::loadgen
