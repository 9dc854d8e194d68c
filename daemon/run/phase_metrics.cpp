#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "run/phase_readings.h"
#include "stats/histogram.h"

namespace dyno::run {
namespace {

using model::PhaseResult;

double seconds(Nanos duration) { return static_cast<double>(duration.count()) / 1e9; }

struct Percentile {
  const char* name;
  double percent;
  std::uint64_t least_samples;  // ten values beyond the percentile, or it is noise
};
constexpr Percentile kPercentiles[] = {{"p50", 50, 20}, {"p90", 90, 100}, {"p99", 99, 1000}, {"p999", 99.9, 10000}};

std::optional<stats::Histogram> histogram_of(const ports::LoadOutcome& load, std::string_view kind) {
  for (const auto& encoded : load.histograms) {
    if (encoded.kind != kind) continue;
    auto decoded = stats::Histogram::decode(encoded.v2);
    if (decoded) return std::move(*decoded);
  }
  return std::nullopt;
}

void add_percentiles(PhaseResult& result, const std::string& prefix, const std::optional<stats::Histogram>& histogram) {
  for (const auto& p : kPercentiles) {
    const std::string name = fmt::format("{}_{}_ns", prefix, p.name);
    if (!histogram) {
      result.absent[name] = "no histogram came from the loader";
    } else if (histogram->count() < p.least_samples) {
      result.absent[name] = fmt::format("{} answers; {} are needed", histogram->count(), p.least_samples);
    } else {
      result.metrics[name] = static_cast<double>(histogram->percentile_ns(p.percent));
    }
  }
}

void withhold(PhaseResult& result, const std::string& prefix, const std::string& why) {
  for (const auto& p : kPercentiles) result.absent[fmt::format("{}_{}_ns", prefix, p.name)] = why;
}

void add_load(PhaseResult& result, const PhaseReadings& r) {
  const double window_s = seconds(r.load.window_end - r.load.window_begin);
  if (window_s <= 0) {
    result.absent["throughput_per_s"] = "the measured window is empty";
    return;
  }
  const double throughput = static_cast<double>(r.load.good) / window_s;
  result.metrics["throughput_per_s"] = throughput;
  const auto answers = static_cast<double>(r.load.good + r.load.errors.total());
  if (answers > 0) result.metrics["error_ratio"] = static_cast<double>(r.load.errors.total()) / answers;
  else result.absent["error_ratio"] = "nothing was answered";

  const auto service = histogram_of(r.load, "service");
  add_percentiles(result, "service_time", service);
  if (r.load.good > 0) result.metrics["service_time_mean_ns"] = static_cast<double>(r.load.service_time_mean.count());
  if (r.phase.loop == model::Loop::closed) {
    withhold(result, "latency", "a closed loop knows no intended start, so it has no latency");
    // Little's law: connections = throughput × mean service time, unless the loader leaves connections idle.
    if (r.load.good > 0) {
      result.metrics["little_ratio"] =
          throughput * seconds(r.load.service_time_mean) / std::max(1, r.phase.connections);
    }
    return;
  }
  const double offered = r.offered ? r.offered->per_s : 0;
  result.offered_per_s = offered;
  result.metrics["offered_per_s"] = offered;
  const auto response = histogram_of(r.load, "response");
  if (throughput < 0.99 * offered) {
    withhold(result, "latency",
             fmt::format("saturated: {:.1f} % of the offered rate was answered", 100 * throughput / offered));
  } else {
    add_percentiles(result, "latency", response);
    if (response && response->count() > 0) result.metrics["latency_max_ns"] = static_cast<double>(response->max_ns());
  }
  if (const auto error = histogram_of(r.load, "send_error"); error && error->count() > 0) {
    result.metrics["send_error_p50_ns"] = static_cast<double>(error->percentile_ns(50));
    result.metrics["send_error_p99_ns"] = static_cast<double>(error->percentile_ns(99));
  }
}

// What the subscribers of a fan-out had of the messages that were due in the window.
void add_deliveries(PhaseResult& result, const PhaseReadings& r) {
  if (!r.load.deliveries) return;
  const ports::Deliveries& d = *r.load.deliveries;
  const double window_s = seconds(r.load.window_end - r.load.window_begin);
  if (window_s > 0) result.metrics["deliveries_per_s"] = static_cast<double>(d.in_window) / window_s;
  else result.absent["deliveries_per_s"] = "the measured window is empty";
  if (d.expected > 0)
    result.metrics["delivery_fault_ratio"] =
        static_cast<double>(d.missed + d.doubled + d.bad) / static_cast<double>(d.expected);
  else result.absent["delivery_fault_ratio"] = "no message was published";
  add_percentiles(result, "delivery", histogram_of(r.load, "delivery"));
}

// CPU time between the two readings, brought to the length of the window: the readings are taken as the edges are announced,
// within about a millisecond of them, and the rate of use is what they know.
void add_cpu(PhaseResult& result, const PhaseReadings& r) {
  const char* const missing = "the app's CPU counter could not be read";
  if (!r.begin.cpu || !r.end.cpu || r.end.cpu->at <= r.begin.cpu->at) {
    result.absent["app_cpu_ns_per_request"] = missing;
    result.absent["app_cpu_cores"] = missing;
    return;
  }
  const double cores = seconds(r.end.cpu->cpu - r.begin.cpu->cpu) / seconds(r.end.cpu->at - r.begin.cpu->at);
  result.metrics["app_cpu_cores"] = cores;
  result.metrics["throttled_ns"] = static_cast<double>((r.end.cpu->throttled - r.begin.cpu->throttled).count());
  if (r.load.good > 0) {
    const auto window_ns = static_cast<double>((r.load.window_end - r.load.window_begin).count());
    result.metrics["app_cpu_ns_per_request"] = cores * window_ns / static_cast<double>(r.load.good);
  } else {
    result.absent["app_cpu_ns_per_request"] = "no good answer";
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void add_memory(PhaseResult& result, const PhaseReadings& r) {
  const bool late = r.sampler.ticks > 0 && r.sampler.late_ticks * 20 > r.sampler.ticks;
  if (r.samples.empty() || late) {
    const std::string why = r.samples.empty() ? std::string("no samples in the window")
                                              : fmt::format("{} of {} samples were late by a period",
                                                            r.sampler.late_ticks, r.sampler.ticks);
    for (const char* name :
         {"loaded_private_median_bytes", "loaded_private_peak_bytes", "loaded_docker_equivalent_median_bytes"}) {
      result.absent[name] = why;
    }
  } else {
    std::vector<double> private_bytes;
    std::vector<double> docker;
    for (const auto& s : r.samples) {
      private_bytes.push_back(static_cast<double>(s.private_bytes.value));
      docker.push_back(static_cast<double>(s.docker_equivalent.value));
    }
    result.metrics["loaded_private_median_bytes"] = median(private_bytes);
    result.metrics["loaded_private_peak_bytes"] = *std::max_element(private_bytes.begin(), private_bytes.end());
    result.metrics["loaded_docker_equivalent_median_bytes"] = median(docker);
  }
  if (r.cgroup_peak) result.metrics["loaded_cgroup_peak_bytes"] = static_cast<double>(r.cgroup_peak->value);
  else result.absent["loaded_cgroup_peak_bytes"] = "this kernel does not tell it";
}

void add_loader(PhaseResult& result, const PhaseReadings& r) {
  if (r.load.beside_per_s) result.metrics["beside_per_s"] = *r.load.beside_per_s;
  else if (r.phase.beside) result.absent["beside_per_s"] = "no whole second of it lay in the window";
  result.metrics["loader_cpu_ratio"] = r.load.loader_busy_ratio;
  result.metrics["loader_late_ratio"] = r.load.late_ratio;
  result.metrics["loader_lag_p99_ns"] = static_cast<double>(r.load.lag_p99.count());
}

void add_control(PhaseResult& result, const PhaseReadings& r) {
  if (r.control_before && r.control_after)
    result.metrics["control_ns"] = static_cast<double>((*r.control_before + *r.control_after).count()) / 2;
  else result.absent["control_ns"] = "the control's work could not be done";
}

}  // namespace

PhaseResult measure_phase(const PhaseReadings& r) {
  PhaseResult result;
  result.phase = r.phase.name;
  result.window_begin = r.load.window_begin;
  result.window_end = r.load.window_end;
  result.good = r.load.good;
  result.sent = r.load.sent;
  result.in_flight = r.load.in_flight;
  result.errors = r.load.errors;
  result.bytes_received = r.load.bytes_received;
  result.histograms = r.load.histograms;
  result.seconds = r.load.seconds;
  result.samples = r.samples;
  result.transport = r.load.transport;
  result.timer_mode = r.load.timer_mode;
  add_load(result, r);
  add_deliveries(result, r);
  add_cpu(result, r);
  add_memory(result, r);
  add_service_metrics(result, r);
  add_loader(result, r);
  add_control(result, r);
  return result;
}

}  // namespace dyno::run
