// What services used while a phase was measured, apart from the app: figures of all services of the trial together.
#include <fmt/format.h>

#include <algorithm>

#include "run/phase_readings.h"
#include "stats/descriptive.h"

namespace dyno::run {
namespace {

using model::PhaseResult;

std::optional<double> cores_of(const ServiceReadings& service) {
  if (!service.begin || !service.end || service.end->at <= service.begin->at) return std::nullopt;
  const auto used = static_cast<double>((service.end->cpu - service.begin->cpu).count());
  return used / static_cast<double>((service.end->at - service.begin->at).count());
}

void add_cpu(PhaseResult& result, const PhaseReadings& r) {
  const auto cores = service_cores(r);
  if (!cores) {
    result.absent["service_cpu_ns_per_request"] = "a service's CPU counter could not be read";
    result.absent["service_cpu_cores"] = "a service's CPU counter could not be read";
    return;
  }
  result.metrics["service_cpu_cores"] = *cores;
  if (r.load.good > 0) {
    const auto window_ns = static_cast<double>((r.load.window_end - r.load.window_begin).count());
    result.metrics["service_cpu_ns_per_request"] = *cores * window_ns / static_cast<double>(r.load.good);
  } else {
    result.absent["service_cpu_ns_per_request"] = "no good answer";
  }
}

// Why the samples of this service cannot be used; empty: they can.
std::string unusable(const ServiceReadings& service) {
  if (service.samples.empty()) return fmt::format("no samples of {} in the window", service.name);
  if (service.sampler.late_ticks * 20 <= service.sampler.ticks) return {};
  return fmt::format("{} of {} samples of {} were late by a period", service.sampler.late_ticks, service.sampler.ticks,
                     service.name);
}

// The services' peaks need not fall together: their sum is an upper bound where there are several.
void add_memory(PhaseResult& result, const PhaseReadings& r) {
  double median = 0;
  double peak = 0;
  for (const ServiceReadings& service : r.services) {
    if (const std::string why = unusable(service); !why.empty()) {
      result.absent["service_private_median_bytes"] = why;
      result.absent["service_private_peak_bytes"] = why;
      return;
    }
    std::vector<double> values;
    values.reserve(service.samples.size());
    for (const auto& sample : service.samples) values.push_back(static_cast<double>(sample.private_bytes.value));
    median += stats::median(values);
    peak += *std::max_element(values.begin(), values.end());
  }
  result.metrics["service_private_median_bytes"] = median;
  result.metrics["service_private_peak_bytes"] = peak;
}

}  // namespace

std::optional<double> service_cores(const PhaseReadings& readings) {
  if (readings.services.empty()) return std::nullopt;
  double sum = 0;
  for (const ServiceReadings& service : readings.services) {
    const auto cores = cores_of(service);
    if (!cores) return std::nullopt;
    sum += *cores;
  }
  return sum;
}

void add_service_metrics(model::PhaseResult& result, const PhaseReadings& readings) {
  if (readings.services.empty()) return;
  add_cpu(result, readings);
  add_memory(result, readings);
}

}  // namespace dyno::run
