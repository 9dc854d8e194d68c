// The metrics: one enumerator and one row of the table each. Measuring, gates, SQL, JSON and pages refer to a metric by its
// enumerator, so that a misspelt name does not compile and an unknown one cannot pass unseen. Pure, thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "model/enum_text.h"

namespace dyno::model {

enum class Better { higher, lower, neither };
template <>
struct EnumNames<Better> {
  static constexpr std::array<std::string_view, 3> names{"higher", "lower", "neither"};
};

// What a metric belongs to.
enum class MetricScope { phase, trial };
template <>
struct EnumNames<MetricScope> {
  static constexpr std::array<std::string_view, 2> names{"phase", "trial"};
};

// In the order in which they are listed; unit last. A new one is added here, in the table below, and where the test
// MetricTable looks: openapi.json, daemon/docs/metrics.md, web/src/model/metric.ts.
enum class MetricName {
  throughput_per_s,
  offered_per_s,
  latency_p50_ns,
  latency_p90_ns,
  latency_p99_ns,
  latency_p999_ns,
  latency_max_ns,
  service_time_p50_ns,
  service_time_p90_ns,
  service_time_p99_ns,
  service_time_p999_ns,
  service_time_mean_ns,
  deliveries_per_s,
  delivery_p50_ns,
  delivery_p90_ns,
  delivery_p99_ns,
  delivery_p999_ns,
  delivery_fault_ratio,
  error_ratio,
  app_cpu_ns_per_request,
  app_cpu_cores,
  throttled_ns,
  loaded_private_median_bytes,
  loaded_private_peak_bytes,
  loaded_docker_equivalent_median_bytes,
  loaded_cgroup_peak_bytes,
  service_cpu_ns_per_request,
  service_cpu_cores,
  service_private_median_bytes,
  service_private_peak_bytes,
  beside_per_s,
  loader_cpu_ratio,
  loader_lag_p99_ns,
  loader_late_ratio,
  send_error_p50_ns,
  send_error_p99_ns,
  control_ns,
  little_ratio,
  app_startup_ns,
  startup_ns,
  app_startup_cache_cold_ns,
  startup_cache_cold_ns,
  create_to_good_ns,
  listen_ns,
  db_ready_ns,
  engine_ns,
  sandbox_ns,
  idle_pss_bytes,
  idle_private_bytes,
  idle_docker_equivalent_bytes,
  idle_cgroup_peak_bytes,
  retained_pss_bytes,
  retained_private_bytes,
  retained_docker_equivalent_bytes,
  retained_cgroup_peak_bytes,
  stop_ns,
};
inline constexpr std::size_t kMetricCount = static_cast<std::size_t>(MetricName::stop_ns) + 1;

struct Metric {
  MetricName metric;
  std::string_view name;   // as it stands in SQL and JSON
  std::string_view unit;   // "1/s", "ns", "B", "1"
  std::string_view title;  // for people
  Better better;
  MetricScope scope;
};

namespace detail {

constexpr std::array<Metric, kMetricCount> metric_table() {  // NOLINT(readability-function-size): a table
  using M = MetricName;
  constexpr auto kHigher = Better::higher;
  constexpr auto kLower = Better::lower;
  constexpr auto kNeither = Better::neither;
  constexpr auto kPhase = MetricScope::phase;
  constexpr auto kTrial = MetricScope::trial;
  return {{
      {M::throughput_per_s, "throughput_per_s", "1/s", "Throughput", kHigher, kPhase},
      {M::offered_per_s, "offered_per_s", "1/s", "Offered rate", kNeither, kPhase},
      {M::latency_p50_ns, "latency_p50_ns", "ns", "Latency p50", kLower, kPhase},
      {M::latency_p90_ns, "latency_p90_ns", "ns", "Latency p90", kLower, kPhase},
      {M::latency_p99_ns, "latency_p99_ns", "ns", "Latency p99", kLower, kPhase},
      {M::latency_p999_ns, "latency_p999_ns", "ns", "Latency p99.9", kLower, kPhase},
      {M::latency_max_ns, "latency_max_ns", "ns", "Latency maximum", kLower, kPhase},
      {M::service_time_p50_ns, "service_time_p50_ns", "ns", "Service time p50", kLower, kPhase},
      {M::service_time_p90_ns, "service_time_p90_ns", "ns", "Service time p90", kLower, kPhase},
      {M::service_time_p99_ns, "service_time_p99_ns", "ns", "Service time p99", kLower, kPhase},
      {M::service_time_p999_ns, "service_time_p999_ns", "ns", "Service time p99.9", kLower, kPhase},
      {M::service_time_mean_ns, "service_time_mean_ns", "ns", "Service time mean", kLower, kPhase},
      {M::deliveries_per_s, "deliveries_per_s", "1/s", "Deliveries to subscribers", kHigher, kPhase},
      {M::delivery_p50_ns, "delivery_p50_ns", "ns", "Delivery time p50", kLower, kPhase},
      {M::delivery_p90_ns, "delivery_p90_ns", "ns", "Delivery time p90", kLower, kPhase},
      {M::delivery_p99_ns, "delivery_p99_ns", "ns", "Delivery time p99", kLower, kPhase},
      {M::delivery_p999_ns, "delivery_p999_ns", "ns", "Delivery time p99.9", kLower, kPhase},
      {M::delivery_fault_ratio, "delivery_fault_ratio", "1", "Deliveries missed, duplicated or changed", kLower,
       kPhase},
      {M::error_ratio, "error_ratio", "1", "Errors", kLower, kPhase},
      {M::app_cpu_ns_per_request, "app_cpu_ns_per_request", "ns", "CPU time per request", kLower, kPhase},
      {M::app_cpu_cores, "app_cpu_cores", "1", "CPU cores used", kNeither, kPhase},
      {M::throttled_ns, "throttled_ns", "ns", "Time throttled", kLower, kPhase},
      {M::loaded_private_median_bytes, "loaded_private_median_bytes", "B", "Memory under load (private), median",
       kLower, kPhase},
      {M::loaded_private_peak_bytes, "loaded_private_peak_bytes", "B", "Memory under load (private), peak", kLower,
       kPhase},
      {M::loaded_docker_equivalent_median_bytes, "loaded_docker_equivalent_median_bytes", "B",
       "Memory under load (as docker stats), median", kLower, kPhase},
      {M::loaded_cgroup_peak_bytes, "loaded_cgroup_peak_bytes", "B", "Memory under load (kernel's peak)", kLower,
       kPhase},
      {M::service_cpu_ns_per_request, "service_cpu_ns_per_request", "ns", "Services: CPU time per request", kLower,
       kPhase},
      {M::service_cpu_cores, "service_cpu_cores", "1", "Services: CPU cores used", kNeither, kPhase},
      {M::service_private_median_bytes, "service_private_median_bytes", "B", "Services: memory (private), median",
       kLower, kPhase},
      {M::service_private_peak_bytes, "service_private_peak_bytes", "B", "Services: memory (private), peak", kLower,
       kPhase},
      {M::beside_per_s, "beside_per_s", "1/s", "Throughput of the background load", kNeither, kPhase},
      {M::loader_cpu_ratio, "loader_cpu_ratio", "1", "Load generator: CPU of the busiest worker", kNeither, kPhase},
      {M::loader_lag_p99_ns, "loader_lag_p99_ns", "ns", "Load generator: lag p99", kNeither, kPhase},
      {M::loader_late_ratio, "loader_late_ratio", "1", "Load generator: requests sent late", kNeither, kPhase},
      {M::send_error_p50_ns, "send_error_p50_ns", "ns", "Load generator: send error p50", kNeither, kPhase},
      {M::send_error_p99_ns, "send_error_p99_ns", "ns", "Load generator: send error p99", kNeither, kPhase},
      {M::control_ns, "control_ns", "ns", "CPU time of the control task", kNeither, kPhase},
      {M::little_ratio, "little_ratio", "1", "Connections kept busy (Little's law)", kNeither, kPhase},
      {M::app_startup_ns, "app_startup_ns", "ns", "Start-up time (process start to first HTTP 200)", kLower, kTrial},
      {M::startup_ns, "startup_ns", "ns", "Start-up time (start call to first HTTP 200)", kLower, kTrial},
      {M::app_startup_cache_cold_ns, "app_startup_cache_cold_ns", "ns",
       "Cache-cold start-up time (process start to first HTTP 200)", kLower, kTrial},
      {M::startup_cache_cold_ns, "startup_cache_cold_ns", "ns",
       "Cache-cold start-up time (start call to first HTTP 200)", kLower, kTrial},
      {M::create_to_good_ns, "create_to_good_ns", "ns", "Start-up time (create call to first HTTP 200)", kLower,
       kTrial},
      {M::listen_ns, "listen_ns", "ns", "Process start to first accepted connection", kLower, kTrial},
      {M::db_ready_ns, "db_ready_ns", "ns", "Process start to first good deep answer", kLower, kTrial},
      {M::engine_ns, "engine_ns", "ns", "Start call to process start", kNeither, kTrial},
      {M::sandbox_ns, "sandbox_ns", "ns", "Making the network sandbox", kNeither, kTrial},
      {M::idle_pss_bytes, "idle_pss_bytes", "B", "Idle memory (PSS)", kLower, kTrial},
      {M::idle_private_bytes, "idle_private_bytes", "B", "Idle memory (private)", kLower, kTrial},
      {M::idle_docker_equivalent_bytes, "idle_docker_equivalent_bytes", "B", "Idle memory (as docker stats)", kLower,
       kTrial},
      {M::idle_cgroup_peak_bytes, "idle_cgroup_peak_bytes", "B", "Idle memory (kernel's peak)", kLower, kTrial},
      {M::retained_pss_bytes, "retained_pss_bytes", "B", "Memory after load (PSS)", kLower, kTrial},
      {M::retained_private_bytes, "retained_private_bytes", "B", "Memory after load (private)", kLower, kTrial},
      {M::retained_docker_equivalent_bytes, "retained_docker_equivalent_bytes", "B",
       "Memory after load (as docker stats)", kLower, kTrial},
      {M::retained_cgroup_peak_bytes, "retained_cgroup_peak_bytes", "B", "Memory after load (kernel's peak)", kLower,
       kTrial},
      {M::stop_ns, "stop_ns", "ns", "Stop time (SIGTERM to exit)", kLower, kTrial},
  }};
}

}  // namespace detail

inline constexpr std::array<Metric, kMetricCount> kMetrics = detail::metric_table();

constexpr std::span<const Metric> metrics() { return kMetrics; }
constexpr const Metric& metric_of(MetricName name) { return kMetrics[static_cast<std::size_t>(name)]; }

namespace detail {

// Row i is metric i, so that no metric lacks a row or has two.
constexpr bool is_whole(std::span<const Metric> table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].metric) != i || table[i].name.empty()) return false;
  }
  return true;
}
static_assert(is_whole(kMetrics));

constexpr std::array<std::string_view, kMetricCount> metric_names() {
  std::array<std::string_view, kMetricCount> names{};
  std::transform(kMetrics.begin(), kMetrics.end(), names.begin(), [](const Metric& row) { return row.name; });
  return names;
}

}  // namespace detail

// So that to_string, parse_enum and the store's words know the metrics as they know every other enum.
template <>
struct EnumNames<MetricName> {
  static constexpr std::array<std::string_view, kMetricCount> names = detail::metric_names();
};

// Some of the metrics.
class MetricSet {
 public:
  constexpr MetricSet() = default;
  constexpr MetricSet(std::initializer_list<MetricName> names) {
    for (const MetricName name : names) has_[static_cast<std::size_t>(name)] = true;
  }
  constexpr bool has(MetricName name) const { return has_[static_cast<std::size_t>(name)]; }
  friend constexpr MetricSet operator|(MetricSet a, const MetricSet& b) {
    for (std::size_t i = 0; i < kMetricCount; ++i) a.has_[i] = a.has_[i] || b.has_[i];
    return a;
  }
  friend constexpr MetricSet operator-(MetricSet a, const MetricSet& b) {
    for (std::size_t i = 0; i < kMetricCount; ++i) a.has_[i] = a.has_[i] && !b.has_[i];
    return a;
  }

 private:
  std::array<bool, kMetricCount> has_{};
};

}  // namespace dyno::model
