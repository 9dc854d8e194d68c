#include "model/metric.h"

#include <algorithm>
#include <array>

namespace dyno::model {
namespace {

constexpr auto kHigher = Better::higher;
constexpr auto kLower = Better::lower;
constexpr auto kNeither = Better::neither;
constexpr auto kPhase = MetricScope::phase;
constexpr auto kTrial = MetricScope::trial;

constexpr std::array kMetrics{
    Metric{"throughput_per_s", "1/s", "Throughput", kHigher, kPhase},
    Metric{"offered_per_s", "1/s", "Offered rate", kNeither, kPhase},
    Metric{"latency_p50_ns", "ns", "Latency p50", kLower, kPhase},
    Metric{"latency_p90_ns", "ns", "Latency p90", kLower, kPhase},
    Metric{"latency_p99_ns", "ns", "Latency p99", kLower, kPhase},
    Metric{"latency_p999_ns", "ns", "Latency p99.9", kLower, kPhase},
    Metric{"latency_max_ns", "ns", "Latency maximum", kLower, kPhase},
    Metric{"service_time_p50_ns", "ns", "Service time p50", kLower, kPhase},
    Metric{"service_time_p90_ns", "ns", "Service time p90", kLower, kPhase},
    Metric{"service_time_p99_ns", "ns", "Service time p99", kLower, kPhase},
    Metric{"service_time_p999_ns", "ns", "Service time p99.9", kLower, kPhase},
    Metric{"service_time_mean_ns", "ns", "Service time mean", kLower, kPhase},
    Metric{"deliveries_per_s", "1/s", "Deliveries to subscribers", kHigher, kPhase},
    Metric{"delivery_p50_ns", "ns", "Delivery p50, from the moment its message was due", kLower, kPhase},
    Metric{"delivery_p90_ns", "ns", "Delivery p90", kLower, kPhase},
    Metric{"delivery_p99_ns", "ns", "Delivery p99", kLower, kPhase},
    Metric{"delivery_p999_ns", "ns", "Delivery p99.9", kLower, kPhase},
    Metric{"delivery_fault_ratio", "1", "Deliveries missed, doubled or changed", kLower, kPhase},
    Metric{"error_ratio", "1", "Errors", kLower, kPhase},
    Metric{"app_cpu_ns_per_request", "ns", "CPU time a request", kLower, kPhase},
    Metric{"app_cpu_cores", "1", "CPU cores used", kNeither, kPhase},
    Metric{"throttled_ns", "ns", "Time throttled", kLower, kPhase},
    Metric{"loaded_private_median_bytes", "B", "Private memory loaded, median", kLower, kPhase},
    Metric{"loaded_private_peak_bytes", "B", "Private memory loaded, peak", kLower, kPhase},
    Metric{"loaded_docker_equivalent_median_bytes", "B", "Memory as docker stats shows it, loaded, median", kLower,
           kPhase},
    Metric{"loaded_cgroup_peak_bytes", "B", "Kernel's high-water mark, loaded", kLower, kPhase},
    Metric{"service_cpu_ns_per_request", "ns", "CPU time of the services a request", kLower, kPhase},
    Metric{"service_cpu_cores", "1", "CPU cores used by the services", kNeither, kPhase},
    Metric{"service_private_median_bytes", "B", "Private memory of the services, median", kLower, kPhase},
    Metric{"service_private_peak_bytes", "B", "Private memory of the services, peak", kLower, kPhase},
    Metric{"beside_per_s", "1/s", "Throughput of the work beside", kNeither, kPhase},
    Metric{"loader_cpu_ratio", "1", "Loader CPU, busiest worker", kNeither, kPhase},
    Metric{"loader_lag_p99_ns", "ns", "Loader lag p99", kNeither, kPhase},
    Metric{"loader_late_ratio", "1", "Requests sent late by the loader", kNeither, kPhase},
    Metric{"send_error_p50_ns", "ns", "Send error p50", kNeither, kPhase},
    Metric{"send_error_p99_ns", "ns", "Send error p99", kNeither, kPhase},
    Metric{"control_ns", "ns", "CPU time of the control's fixed work beside the phase", kNeither, kPhase},
    Metric{"little_ratio", "1", "Little's law, throughput × mean service time ÷ connections", kNeither, kPhase},
    Metric{"app_startup_ns", "ns", "Start-up, exec to first 200", kLower, kTrial},
    Metric{"startup_ns", "ns", "Start-up, start call to first 200", kLower, kTrial},
    Metric{"app_startup_cache_cold_ns", "ns", "Cache-cold start-up, exec to first 200", kLower, kTrial},
    Metric{"startup_cache_cold_ns", "ns", "Cache-cold start-up, start call to first 200", kLower, kTrial},
    Metric{"create_to_good_ns", "ns", "Start-up, create call to first 200", kLower, kTrial},
    Metric{"listen_ns", "ns", "Exec to first accepted connection", kLower, kTrial},
    Metric{"db_ready_ns", "ns", "Exec to first good deep answer", kLower, kTrial},
    Metric{"engine_ns", "ns", "Start call to exec", kNeither, kTrial},
    Metric{"sandbox_ns", "ns", "Network sandbox made in", kNeither, kTrial},
    Metric{"idle_pss_bytes", "B", "Memory idle, PSS", kLower, kTrial},
    Metric{"idle_private_bytes", "B", "Memory idle, private", kLower, kTrial},
    Metric{"idle_docker_equivalent_bytes", "B", "Memory idle, as docker stats shows it", kLower, kTrial},
    Metric{"idle_cgroup_peak_bytes", "B", "Memory idle, kernel's high-water mark", kLower, kTrial},
    Metric{"retained_pss_bytes", "B", "Memory after load, PSS", kLower, kTrial},
    Metric{"retained_private_bytes", "B", "Memory after load, private", kLower, kTrial},
    Metric{"retained_docker_equivalent_bytes", "B", "Memory after load, as docker stats shows it", kLower, kTrial},
    Metric{"retained_cgroup_peak_bytes", "B", "Memory after load, kernel's high-water mark", kLower, kTrial},
    Metric{"stop_ns", "ns", "Stop, SIGTERM to exit", kLower, kTrial},
};

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

std::optional<Metric> find_metric(std::string_view name) {
  const auto* const found =
      std::find_if(kMetrics.begin(), kMetrics.end(), [&](const Metric& m) { return m.name == name; });
  if (found == kMetrics.end()) return std::nullopt;
  return *found;
}

}  // namespace dyno::model
