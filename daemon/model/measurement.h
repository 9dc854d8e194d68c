// What one trial yields: start-up marks, memory at quiet moments, and for every phase its counts, readings and verdict. Values only.
// A quantity that was not measured is absent (std::nullopt), never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"
#include "model/reading.h"

namespace dyno::model {

enum class StartKind { warm, cache_cold, first_from_image };
template <>
struct EnumNames<StartKind> {
  static constexpr std::array<std::string_view, 3> names{"warm", "cache_cold", "first_from_image"};
};

// Marks on CLOCK_MONOTONIC of the app's node; every arrow create → start → exec → listen → first 200 → deep 200.
struct StartupMarks {
  StartKind kind = StartKind::warm;
  MonotonicTime create_call;
  MonotonicTime start_call;
  std::optional<MonotonicTime> exec;        // dyno-exec's stamp
  std::optional<MonotonicTime> listen;      // first accepted connect
  std::optional<MonotonicTime> first_good;  // first 2xx of readiness.path
  std::optional<MonotonicTime> first_deep;  // first 2xx of readiness.deep_path
  Nanos sandbox{};                          // making the sandbox, apart
};

enum class MemoryMoment { idle, loaded, retained };
template <>
struct EnumNames<MemoryMoment> {
  static constexpr std::array<std::string_view, 3> names{"idle", "loaded", "retained"};
};

// Four named numbers (never one called "memory"); absent where the kernel does not tell.
struct MemoryReading {
  std::optional<Bytes> pss;                // Σ Pss of the processes; quiet moments only
  std::optional<Bytes> private_bytes;      // anon + shmem + kernel
  std::optional<Bytes> docker_equivalent;  // usage − inactive_file
  std::optional<Bytes> cgroup_peak;        // the kernel's high-water mark, page cache included
};

// One reading of the app's counters.
struct Sample {
  MonotonicTime at;
  Bytes private_bytes;
  Bytes docker_equivalent;
  std::int64_t cpu_ns = 0;        // cumulative
  std::int64_t throttled_ns = 0;  // cumulative
};

// One second of a phase, as dyno-load saw it.
struct SecondPoint {
  std::int32_t second = 0;  // from the window's begin, 0 first
  std::int64_t good = 0;
  std::int64_t errors = 0;
  std::optional<std::int64_t> p50_ns;  // service time (closed) or latency (open)
  std::optional<std::int64_t> p99_ns;
};

struct ErrorCounts {
  std::int64_t connect = 0, reset = 0, timeout = 0, bad_status = 0, bad_framing = 0, bad_body = 0, dropped = 0;
  std::int64_t total() const { return connect + reset + timeout + bad_status + bad_framing + bad_body + dropped; }
};

// Histogram in the HdrHistogram V2 compressed encoding, base64; unit nanoseconds.
struct EncodedHistogram {
  std::string kind;  // response, service, send_error
  std::string v2;
};

// One phase of one trial: raw counts first, from which the readings follow. All times CLOCK_MONOTONIC. The samples that the
// memory readings were made of lie in the timeline (PhaseFinished), between the edges of the window.
struct PhaseResult {
  std::string phase;  // ProfilePhase::name
  MonotonicTime window_begin;
  MonotonicTime window_end;
  std::optional<double> offered_per_s;  // open loop
  std::int64_t good = 0;
  std::int64_t sent = 0;
  std::int64_t in_flight = 0;
  ErrorCounts errors;
  std::int64_t bytes_received = 0;
  std::vector<EncodedHistogram> histograms;
  std::vector<SecondPoint> seconds;
  std::vector<Reading> readings;  // in the order of the metrics, each once
  Verdict verdict;
  std::string transport;   // epoll, io_uring
  std::string timer_mode;  // none, sleep, hybrid
};

}  // namespace dyno::model
