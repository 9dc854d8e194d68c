#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "run/phase_readings.h"

namespace dyno::run {
namespace {

using model::Bound;
using model::GateResult;
using model::Validity;

// The share of a limit from which a number is degraded where the table gives two thresholds (60 % of a core against 80 %).
constexpr double kDegradedShare = 0.75;

class Gates {
 public:
  void add(const char* gate, Validity validity, std::string text) {
    if (validity != Validity::valid) found_.push_back({gate, validity, std::move(text)});
  }
  model::Verdict verdict(Bound bound) && {
    model::Verdict v;
    v.bound = bound;
    for (const auto& gate : found_) v.validity = std::max(v.validity, gate.validity);
    v.gates = std::move(found_);
    return v;
  }

 private:
  std::vector<GateResult> found_;
};

Validity above(double value, double degraded, double invalid) {
  if (value > invalid) return Validity::invalid;
  return value > degraded ? Validity::degraded : Validity::valid;
}

double share(Nanos part, Nanos whole) {
  return whole.count() > 0 ? static_cast<double>(part.count()) / static_cast<double>(whole.count()) : 0;
}

std::optional<double> metric(const model::PhaseResult& result, const char* name) {
  const auto found = result.metrics.find(name);
  return found == result.metrics.end() ? std::nullopt : std::optional<double>(found->second);
}

void loader_gates(Gates& gates, const PhaseReadings& r, const model::PhaseResult& result,
                  const model::GateLimits& limits) {
  const double busy = r.load.loader_busy_ratio;
  gates.add(
      "loader_cpu", above(busy, kDegradedShare * limits.load_worker_max, limits.load_worker_max),
      fmt::format(
          "the loader's busiest worker used {:.0f} % of its core; degraded above {:.0f} %, invalid above {:.0f} %",
          100 * busy, 100 * kDegradedShare * limits.load_worker_max, 100 * limits.load_worker_max));
  const double starved = share(r.load.run_queue_wait, r.load.window_end - r.load.window_begin);
  gates.add("loader_starved", above(starved, 0.10, 2.0),
            fmt::format("the loader waited {:.0f} % of the window for its CPU; degraded above 10 %", 100 * starved));
  if (r.phase.loop == model::Loop::open) {
    gates.add("loader_late", above(r.load.late_ratio, 2.0, limits.late_max),
              fmt::format(
                  "{:.2f} % of the requests left over one interval late by the loader's fault; invalid above {:.2f} %",
                  100 * r.load.late_ratio, 100 * limits.late_max));
    const double lag = static_cast<double>(r.load.lag_p99.count());
    const double p50 = metric(result, "latency_p50_ns").value_or(1e18);
    gates.add("loader_lag", above(lag, std::min(1e6, std::max(0.10 * p50, 20e3)), 1e18),
              fmt::format("the loader's own lag has a p99 of {}; degraded above 1 ms or a tenth of the median latency",
                          format_duration(r.load.lag_p99)));
  } else if (const auto little = metric(result, "little_ratio"); little && std::abs(*little - 1) > 0.05) {
    gates.add("little", Validity::degraded,
              fmt::format("throughput × mean service time is {:.0f} % of the connections: some were left idle",
                          100 * *little));
  }
}

void app_gates(Gates& gates, const PhaseReadings& r, const model::PhaseResult& result,
               const model::GateLimits& limits) {
  if (const auto errors = metric(result, "error_ratio")) {
    gates.add("errors", above(*errors, 2.0, limits.errors_max),
              fmt::format("{:.3f} % of the answers were errors; invalid above {:.3f} %", 100 * *errors,
                          100 * limits.errors_max));
  }
  if (const auto faults = metric(result, "delivery_fault_ratio")) {
    gates.add("deliveries", above(*faults, 2.0, limits.errors_max),
              fmt::format("{:.3f} % of the deliveries were missed, doubled or changed; invalid above {:.3f} %",
                          100 * *faults, 100 * limits.errors_max));
  }
  if (r.load.deliveries && r.load.deliveries->lost_streams > 0)
    gates.add("streams", Validity::degraded,
              fmt::format("{} subscribers lost their stream", r.load.deliveries->lost_streams));
  if (r.load.beside_per_s && *r.load.beside_per_s <= 0)
    gates.add("beside", Validity::invalid, "the work beside the phase was not done: not one good answer");
  else if (r.load.beside_errors > 0)
    gates.add("beside", Validity::degraded,
              fmt::format("{} errors of the work beside the phase", r.load.beside_errors));
  if (r.load.good == 0) gates.add("no_answers", Validity::invalid, "not one good answer came in the window");
  if (r.app_lost) gates.add("app_lost", Validity::invalid, "the app's container ended during the phase");
  for (const auto& service : r.services) {
    if (service.lost)
      gates.add("service_lost", Validity::invalid, fmt::format("the service {} ended during the phase", service.name));
    if (!service.audit_fault.empty()) gates.add("statements", Validity::invalid, service.audit_fault);
    if (!service.audit_unread.empty())
      gates.add("statements", Validity::degraded, "the statements were not counted: " + service.audit_unread);
  }
  if (r.oom_kills > 0)
    gates.add("oom", Validity::invalid,
              fmt::format("the kernel killed {} process(es) of the app for memory", r.oom_kills));
  if (const auto throttled = metric(result, "throttled_ns"); throttled && *throttled > 0) {
    gates.add(
        "throttling", Validity::degraded,
        fmt::format("the app was throttled for {}", format_duration(Nanos(static_cast<std::int64_t>(*throttled)))));
  }
  if (!r.load.steady)
    gates.add("no_steady_state", Validity::degraded, "the warm-up ended at its limit without a steady state");
}

// The sampler's own ticks tell whether the memory figures can be trusted; the CPU readings must lie close to the edges.
void rig_gates(Gates& gates, const PhaseReadings& r, const model::PhaseResult& result) {
  if (r.sampler.ticks > 0 && r.sampler.late_ticks * 20 > r.sampler.ticks) {
    gates.add("sampler", Validity::degraded,
              fmt::format("{} of {} samples were late by a period", r.sampler.late_ticks, r.sampler.ticks));
  }
  if (r.control_before && r.control_after && r.control_before->count() > 0) {
    const double shift = share(*r.control_after, *r.control_before) - 1;
    gates.add("control", above(std::abs(shift), 0.05, 1e9),
              fmt::format("the same work took {:+.1f} % CPU time after the phase: the machine changed meanwhile; "
                          "degraded beyond 5 %",
                          100 * shift));
  }
  const Nanos window = r.load.window_end - r.load.window_begin;
  if (r.begin.cpu && r.end.cpu) {
    const Nanos off = std::max(std::chrono::abs(r.begin.cpu->at - r.load.window_begin),
                               std::chrono::abs(r.end.cpu->at - r.load.window_end));
    gates.add("cpu_edges", above(share(off, window), 0.02, 0.20),
              fmt::format("a CPU reading was {} away from the window's edge", format_duration(off)));
  }
  if (!r.begin.host || !r.end.host || r.end.host->at <= r.begin.host->at) return;
  const Nanos span = r.end.host->at - r.begin.host->at;
  const double steal = share(r.end.host->steal - r.begin.host->steal, span) / (r.app_cpus + r.load_cpus);
  gates.add("steal", above(steal, 0.01, 0.05),
            fmt::format("{:.1f} % of the CPU time was stolen by the hypervisor", 100 * steal));
  const auto app = metric(result, "app_cpu_cores");
  if (!app) return;
  const double known = *app + service_cores(r).value_or(0) + share(r.load.loader_cpu_all + r.own_cpu, window);
  const double foreign = share(r.end.host->busy - r.begin.host->busy, span) - known;
  gates.add("foreign_load", above(foreign, 0.05, 1e9),
            fmt::format("others used {:.0f} % of a core meanwhile; degraded above 5 %", 100 * foreign));
}

Nanos busiest_thread(const EdgeReading& begin, const EdgeReading& end) {
  Nanos most{};
  if (!begin.threads || !end.threads) return most;
  for (const auto& [id, cpu] : *end.threads) {
    Nanos before{};
    for (const auto& [other, other_cpu] : *begin.threads) {
      if (other == id) before = other_cpu;
    }
    most = std::max(most, cpu - before);
  }
  return most;
}

// A service that used less than this of its CPUs did not fill them, whoever else may have.
constexpr double kServiceTakesPart = 0.10;

// The services' CPUs were full: by them alone, or together with the loader where it executes there too.
bool services_are_full(const PhaseReadings& r) {
  const auto cores = service_cores(r);
  if (!cores) return false;
  // All services execute on one CPU set.
  const int cpus = r.services.front().cpus;
  if (*cores < kServiceTakesPart * cpus) return false;
  const Nanos window = r.load.window_end - r.load.window_begin;
  const double beside = r.services.front().beside_loader ? share(r.load.loader_cpu_all, window) : 0;
  return *cores + beside >= 0.90 * cpus;
}

// The first rule that holds, from the top.
Bound bound_of(const PhaseReadings& r, const model::PhaseResult& result, const model::GateLimits& limits) {
  if (r.phase.loop == model::Loop::open) return Bound::none;
  if (r.load.loader_busy_ratio > limits.load_worker_max) return Bound::loader;
  if (services_are_full(r)) return Bound::database;
  const auto cores = metric(result, "app_cpu_cores");
  if (!cores) return Bound::none;
  if (*cores >= 0.90 * r.app_cpus) return Bound::server;
  const Nanos window = r.load.window_end - r.load.window_begin;
  if (r.app_cpus >= 2 && *cores < 0.80 * r.app_cpus && share(busiest_thread(r.begin, r.end), window) >= 0.90)
    return Bound::single_core;
  return Bound::waiting;
}

}  // namespace

model::Verdict judge_phase(const PhaseReadings& readings, const model::PhaseResult& result,
                           const model::GateLimits& limits) {
  Gates gates;
  loader_gates(gates, readings, result, limits);
  app_gates(gates, readings, result, limits);
  rig_gates(gates, readings, result);
  return std::move(gates).verdict(bound_of(readings, result, limits));
}

}  // namespace dyno::run
