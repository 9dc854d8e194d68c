// The readings of a phase from its raw counts and counters: the app's first, then its services', then the load generator's.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/quantity.h"
#include "run/gates.h"
#include "run/phase_readings.h"
#include "run/plan.h"
#include "run/reading_list.h"
#include "stats/descriptive.h"
#include "stats/histogram.h"

namespace dyno::run {
namespace {

using M = model::MetricName;

double seconds(Nanos duration) { return static_cast<double>(duration.count()) / 1e9; }

double window_s(const PhaseReadings& r) { return seconds(r.load.window_end - r.load.window_begin); }

constexpr auto kNoGoodAnswer = "no good answer";
constexpr auto kNoHistogram = "no histogram came from the load generator";

struct Percentile {
  double percent;
  std::uint64_t least_samples;  // ten values beyond the percentile, or it is noise
};
constexpr std::array<Percentile, 4> kPercentiles{{{50, 20}, {90, 100}, {99, kAnswersForP99}, {99.9, 10000}}};
// The metrics of one kind of time, for the percentiles above.
using PercentileMetrics = std::array<M, kPercentiles.size()>;
constexpr PercentileMetrics kLatencies{M::latency_p50_ns, M::latency_p90_ns, M::latency_p99_ns, M::latency_p999_ns};
constexpr PercentileMetrics kServiceTimes{M::service_time_p50_ns, M::service_time_p90_ns, M::service_time_p99_ns,
                                          M::service_time_p999_ns};
constexpr PercentileMetrics kDeliveryTimes{M::delivery_p50_ns, M::delivery_p90_ns, M::delivery_p99_ns,
                                           M::delivery_p999_ns};

std::optional<stats::Histogram> histogram_of(const ports::LoadOutcome& load, std::string_view kind) {
  for (const auto& encoded : load.histograms) {
    if (encoded.kind != kind) continue;
    auto decoded = stats::Histogram::decode(encoded.v2);
    if (decoded) return std::move(*decoded);
  }
  return std::nullopt;
}

// Requests that were never answered. They are in the histogram with the time they waited, and would have taken any longer time: from
// the shortest of these on no value is known.
struct Unanswered {
  std::int64_t requests = 0;
  Nanos least{};
};

Unanswered unanswered_of(const ports::LoadOutcome& load) { return {load.unanswered, load.waited_least}; }

std::string unanswered_words(std::int64_t requests) {
  return fmt::format("{} {} never answered", requests, requests == 1 ? "request was" : "requests were");
}

// Empty: it is known.
std::string why_unknown(double value_ns, const Unanswered& unanswered) {
  if (unanswered.requests == 0 || value_ns < static_cast<double>(unanswered.least.count())) return {};
  return unanswered_words(unanswered.requests);
}

void put_if_known(ReadingList& list, M metric, std::int64_t value_ns, const Unanswered& unanswered) {
  const auto value = static_cast<double>(value_ns);
  if (const std::string why = why_unknown(value, unanswered); !why.empty()) list.put_absent(metric, why);
  else list.put(metric, value);
}

void add_percentiles(ReadingList& list, const PercentileMetrics& metrics,
                     const std::optional<stats::Histogram>& histogram, const Unanswered& unanswered = {}) {
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const Percentile& p = kPercentiles[i];
    if (!histogram) {
      list.put_absent(metrics[i], kNoHistogram);
    } else if (histogram->count() < p.least_samples) {
      list.put_absent(metrics[i], fmt::format("{} answers; {} are needed", histogram->count(), p.least_samples));
    } else {
      put_if_known(list, metrics[i], histogram->percentile_ns(p.percent), unanswered);
    }
  }
}

void withhold(ReadingList& list, const PercentileMetrics& metrics, const std::string& why) {
  for (const M metric : metrics) list.put_absent(metric, why);
}

// A closed loop has no intended start. Little's law: connections = throughput × mean service time, unless the load generator
// leaves connections idle.
void add_closed_loop(ReadingList& list, const PhaseReadings& r, double throughput) {
  withhold(list, kLatencies, "a closed loop knows no intended start, so it has no latency");
  // A mean that holds requests which were never answered is theirs.
  if (r.load.good == 0) return list.put_absent(M::little_ratio, kNoGoodAnswer);
  if (r.load.unanswered > 0) return list.put_absent(M::little_ratio, unanswered_words(r.load.unanswered));
  list.put(M::little_ratio, throughput * seconds(r.load.service_time_mean) / std::max(1, r.phase.connections));
}

void add_open_loop(ReadingList& list, const PhaseReadings& r, double throughput) {
  const double offered = r.offered ? r.offered->per_s : 0;
  list.put(M::offered_per_s, offered);
  const auto response = histogram_of(r.load, "response");
  if (throughput < 0.99 * offered) {
    const auto why = fmt::format("saturated: {:.1f} % of the offered rate was answered", 100 * throughput / offered);
    withhold(list, kLatencies, why);
    list.put_absent(M::latency_max_ns, why);
  } else {
    add_percentiles(list, kLatencies, response, unanswered_of(r.load));
    if (response && response->count() > 0)
      put_if_known(list, M::latency_max_ns, response->max_ns(), unanswered_of(r.load));
    else list.put_absent(M::latency_max_ns, kNoHistogram);
  }
  if (const auto error = histogram_of(r.load, "send_error"); error && error->count() > 0) {
    list.put(M::send_error_p50_ns, static_cast<double>(error->percentile_ns(50)));
    list.put(M::send_error_p99_ns, static_cast<double>(error->percentile_ns(99)));
  } else {
    list.put_absent(M::send_error_p50_ns, kNoHistogram);
    list.put_absent(M::send_error_p99_ns, kNoHistogram);
  }
}

void add_service_time(ReadingList& list, const PhaseReadings& r) {
  const auto service = histogram_of(r.load, "service");
  const Unanswered unanswered = unanswered_of(r.load);
  add_percentiles(list, kServiceTimes, service, unanswered);
  if (r.load.good == 0) return list.put_absent(M::service_time_mean_ns, kNoGoodAnswer);
  const auto longest = static_cast<double>(service ? service->max_ns() : 0);
  if (const std::string why = why_unknown(longest, unanswered); !why.empty())
    list.put_absent(M::service_time_mean_ns, why);
  else list.put(M::service_time_mean_ns, r.load.service_time_mean);
}

void add_load(ReadingList& list, const PhaseReadings& r) {
  if (window_s(r) <= 0) {
    list.put_absent(M::throughput_per_s, "the measured window is empty");
    return;
  }
  const double throughput = static_cast<double>(r.load.good) / window_s(r);
  list.put(M::throughput_per_s, throughput);
  const auto answers = static_cast<double>(r.load.good + r.load.errors.total());
  if (answers > 0) list.put(M::error_ratio, static_cast<double>(r.load.errors.total()) / answers);
  else list.put_absent(M::error_ratio, "nothing was answered");
  add_service_time(list, r);
  if (r.phase.loop == model::Loop::closed) add_closed_loop(list, r, throughput);
  else add_open_loop(list, r, throughput);
}

// What the subscribers of a fan-out had of the messages that were due in the window.
void add_deliveries(ReadingList& list, const PhaseReadings& r) {
  if (!r.load.deliveries) return;
  const ports::Deliveries& d = *r.load.deliveries;
  if (window_s(r) > 0) list.put(M::deliveries_per_s, static_cast<double>(d.in_window) / window_s(r));
  else list.put_absent(M::deliveries_per_s, "the measured window is empty");
  if (d.expected > 0) {
    const auto faults = static_cast<double>(d.missed + d.doubled + d.bad);
    list.put(M::delivery_fault_ratio, faults / static_cast<double>(d.expected));
  } else {
    list.put_absent(M::delivery_fault_ratio, "no message was published");
  }
  add_percentiles(list, kDeliveryTimes, histogram_of(r.load, "delivery"));
}

// CPU time per good answer: the cores used over the length of the window.
void put_per_request(ReadingList& list, M metric, const PhaseReadings& r, double cores) {
  if (r.load.good > 0) list.put(metric, cores * window_s(r) * 1e9 / static_cast<double>(r.load.good));
  else list.put_absent(metric, kNoGoodAnswer);
}

// CPU time between the two readings, brought to the length of the window: the readings are taken as the edges are announced,
// within about a millisecond of them, and the rate of use is what they know.
void add_cpu(ReadingList& list, const PhaseReadings& r) {
  if (!r.begin.cpu || !r.end.cpu || r.end.cpu->at <= r.begin.cpu->at) {
    for (const M metric : {M::app_cpu_ns_per_request, M::app_cpu_cores, M::throttled_ns})
      list.put_absent(metric, "the app's CPU counter could not be read");
    return;
  }
  const double cores = seconds(r.end.cpu->cpu - r.begin.cpu->cpu) / seconds(r.end.cpu->at - r.begin.cpu->at);
  list.put(M::app_cpu_cores, cores);
  list.put(M::throttled_ns, r.end.cpu->throttled - r.begin.cpu->throttled);
  put_per_request(list, M::app_cpu_ns_per_request, r, cores);
}

// From where on the gate `sampler` speaks, the samples are no good.
bool is_late(const ports::SamplerCost& sampler) {
  return static_cast<double>(sampler.late_ticks) >
         rule_of(model::GateName::sampler).degraded_above * static_cast<double>(sampler.ticks);
}

// A mark that cannot be reset is the window's where it rose there; otherwise it only bounds the window's.
void put_window_peak(ReadingList& list, const PhaseReadings& r) {
  const bool rose = !r.earlier_peak || (r.cgroup_peak && r.cgroup_peak->value > r.earlier_peak->value);
  if (rose) return list.put_or(M::loaded_cgroup_peak_bytes, r.cgroup_peak, "this kernel does not report it");
  list.put_absent(M::loaded_cgroup_peak_bytes,
                  fmt::format("not above {}, the container's peak before the window, which this kernel cannot reset",
                              format_bytes(*r.earlier_peak)));
}

void add_memory(ReadingList& list, const PhaseReadings& r) {
  if (r.samples.empty() || is_late(r.sampler)) {
    const std::string why = r.samples.empty() ? std::string("no samples in the window")
                                              : fmt::format("{} of {} samples were late by a period",
                                                            r.sampler.late_ticks, r.sampler.ticks);
    for (const M metric :
         {M::loaded_private_median_bytes, M::loaded_private_peak_bytes, M::loaded_docker_equivalent_median_bytes}) {
      list.put_absent(metric, why);
    }
  } else {
    std::vector<double> private_bytes;
    std::vector<double> docker;
    for (const auto& s : r.samples) {
      private_bytes.push_back(static_cast<double>(s.private_bytes.value));
      docker.push_back(static_cast<double>(s.docker_equivalent.value));
    }
    list.put(M::loaded_private_median_bytes, stats::median(private_bytes));
    list.put(M::loaded_private_peak_bytes, *std::max_element(private_bytes.begin(), private_bytes.end()));
    list.put(M::loaded_docker_equivalent_median_bytes, stats::median(docker));
  }
  put_window_peak(list, r);
}

// ---- services ----

std::optional<double> cores_of(const ServiceReadings& service) {
  if (!service.begin || !service.end || service.end->at <= service.begin->at) return std::nullopt;
  return seconds(service.end->cpu - service.begin->cpu) / seconds(service.end->at - service.begin->at);
}

// Why the samples of this service cannot be used; empty: they can.
std::string unusable(const ServiceReadings& service) {
  if (service.samples.empty()) return fmt::format("no samples of {} in the window", service.name);
  if (!is_late(service.sampler)) return {};
  return fmt::format("{} of {} samples of {} were late by a period", service.sampler.late_ticks, service.sampler.ticks,
                     service.name);
}

void add_service_cpu(ReadingList& list, const PhaseReadings& r) {
  const auto cores = service_cores(r);
  if (!cores) {
    list.put_absent(M::service_cpu_ns_per_request, "a service's CPU counter could not be read");
    list.put_absent(M::service_cpu_cores, "a service's CPU counter could not be read");
    return;
  }
  list.put(M::service_cpu_cores, *cores);
  put_per_request(list, M::service_cpu_ns_per_request, r, *cores);
}

// The services' peaks need not fall together: their sum is an upper bound where there are several.
void add_service_memory(ReadingList& list, const PhaseReadings& r) {
  double median = 0;
  double peak = 0;
  for (const ServiceReadings& service : r.services) {
    if (const std::string why = unusable(service); !why.empty()) {
      list.put_absent(M::service_private_median_bytes, why);
      list.put_absent(M::service_private_peak_bytes, why);
      return;
    }
    std::vector<double> values;
    values.reserve(service.samples.size());
    for (const auto& sample : service.samples) values.push_back(static_cast<double>(sample.private_bytes.value));
    median += stats::median(values);
    peak += *std::max_element(values.begin(), values.end());
  }
  list.put(M::service_private_median_bytes, median);
  list.put(M::service_private_peak_bytes, peak);
}

// ---- the rig ----

void add_loader(ReadingList& list, const PhaseReadings& r) {
  if (r.phase.beside || r.load.beside_per_s)
    list.put_or(M::beside_per_s, r.load.beside_per_s, "no whole second of it was inside the window");
  list.put(M::loader_cpu_ratio, r.load.loader_busy_ratio);
  list.put(M::loader_late_ratio, r.load.late_ratio);
  list.put(M::loader_lag_p99_ns, r.load.lag_p99);
}

void add_control(ReadingList& list, const PhaseReadings& r) {
  if (r.control_before && r.control_after)
    list.put(M::control_ns, static_cast<double>((*r.control_before + *r.control_after).count()) / 2);
  else list.put_absent(M::control_ns, "the control task failed");
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

model::PhaseResult measure_phase(const PhaseReadings& r) {
  model::PhaseResult result;
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
  result.transport = r.load.transport;
  result.timer_mode = r.load.timer_mode;
  if (r.phase.loop == model::Loop::open) result.offered_per_s = r.offered ? r.offered->per_s : 0;
  ReadingList list;
  add_load(list, r);
  add_deliveries(list, r);
  add_cpu(list, r);
  add_memory(list, r);
  if (!r.services.empty()) {
    add_service_cpu(list, r);
    add_service_memory(list, r);
  }
  add_loader(list, r);
  add_control(list, r);
  result.readings = std::move(list).take();
  return result;
}

model::PhaseResult unmeasured_phase(std::string phase, MonotonicTime at, std::string why) {
  model::PhaseResult result;
  result.phase = std::move(phase);
  result.window_begin = result.window_end = at;
  ReadingList list;
  list.put_absent(model::MetricName::throughput_per_s, std::move(why));
  result.readings = std::move(list).take();
  return result;
}

}  // namespace dyno::run
