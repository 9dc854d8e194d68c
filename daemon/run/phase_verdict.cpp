// What the gates say about a measured phase, and what bound its throughput.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/quantity.h"
#include "run/gates.h"
#include "run/phase_readings.h"
#include "stats/descriptive.h"

namespace dyno::run {
namespace {

using model::Bound;
using model::GateName;
using model::Validity;
using M = model::MetricName;

double share(Nanos part, Nanos whole) {
  return whole.count() > 0 ? static_cast<double>(part.count()) / static_cast<double>(whole.count()) : 0;
}

double ns(Nanos duration) { return static_cast<double>(duration.count()); }

void loader_gates(GateList& gates, const PhaseReadings& r, const model::PhaseResult& result) {
  const double busy = r.load.loader_busy_ratio;
  gates.check(GateName::loader_cpu, busy,
              fmt::format("The load generator's busiest worker used {:.0f} % of its core", 100 * busy));
  const double starved = share(r.load.run_queue_wait, r.load.window_end - r.load.window_begin);
  gates.check(GateName::loader_starved, starved,
              fmt::format("The load generator waited for its CPU during {:.0f} % of the phase", 100 * starved));
  if (r.phase.loop == model::Loop::open) {
    gates.check(GateName::loader_late, r.load.late_ratio,
                fmt::format("The load generator sent {:.3g} % of requests more than one interval late",
                            100 * r.load.late_ratio));
    // Lag matters where it is a good part of what is measured: a tenth of the median latency, but never below 20 µs.
    const double p50 = value_of(result.readings, M::latency_p50_ns).value_or(kNever);
    const double limit = std::min(rule_of(GateName::loader_lag).degraded_above, std::max(0.10 * p50, 20e3));
    if (ns(r.load.lag_p99) > limit) {
      gates.say(GateName::loader_lag, Validity::degraded,
                fmt::format("The load generator's own lag has a p99 of {} (limit {}).", format_duration(r.load.lag_p99),
                            format_duration(Nanos(static_cast<std::int64_t>(limit)))));
    }
  } else if (const auto little = value_of(result.readings, M::little_ratio)) {
    gates.check(GateName::little, std::abs(*little - 1),
                fmt::format("Throughput × mean service time is {:.0f} % of the connections, so some were idle or the "
                            "times are off",
                            100 * *little));
  }
}

std::string unanswered_words(const ports::LoadOutcome& load) {
  auto words = fmt::format("The app never answered {} of the phase's requests", load.unanswered);
  if (load.connections_unserved == 0) return words;
  return fmt::format("{}, and {} of {} connections had no answer at all", words, load.connections_unserved,
                     load.connections_asked);
}

// The work of the phase was not done, or not as asked.
void answer_gates(GateList& gates, const PhaseReadings& r, const model::PhaseResult& result) {
  if (const auto errors = value_of(result.readings, M::error_ratio))
    gates.check(GateName::errors, *errors, fmt::format("{:.3g} % of the answers were errors", 100 * *errors));
  gates.check(GateName::unanswered, static_cast<double>(r.load.unanswered), unanswered_words(r.load));
  if (const auto faults = value_of(result.readings, M::delivery_fault_ratio)) {
    gates.check(GateName::deliveries, *faults,
                fmt::format("{:.3g} % of the deliveries were missed, duplicated or changed", 100 * *faults));
  }
  if (r.load.deliveries) {
    const std::int64_t lost = r.load.deliveries->lost_streams;
    gates.check(GateName::streams, static_cast<double>(lost),
                fmt::format("The server ended the streams of {} subscribers", lost));
  }
  if (r.load.beside_per_s && *r.load.beside_per_s <= 0) {
    gates.say(GateName::beside, Validity::invalid, "The background load had no good answer.");
  } else {
    gates.check(GateName::beside, static_cast<double>(r.load.beside_errors),
                fmt::format("The background load had {} errors", r.load.beside_errors));
  }
  gates.check(GateName::no_answers, r.load.good == 0 ? 1 : 0, "The phase had no good answer");
}

// Bytes per second by which the app's memory grew along a straight line through all of a window that is long enough to tell that from
// a heap that is collected now and then; 0: it did not.
double steady_growth(const PhaseReadings& r) {
  constexpr Nanos kLongEnough = std::chrono::seconds(10);
  constexpr double kStraight = 0.98;
  if (r.load.window_end - r.load.window_begin < kLongEnough || r.samples.size() < 20) return 0;
  std::vector<double> seconds;
  std::vector<double> bytes;
  seconds.reserve(r.samples.size());
  bytes.reserve(r.samples.size());
  for (const auto& sample : r.samples) {
    seconds.push_back(ns(sample.at - r.load.window_begin) / 1e9);
    bytes.push_back(static_cast<double>(sample.private_bytes.value));
  }
  const stats::Line line = stats::straight_line(seconds, bytes);
  return line.determination >= kStraight ? line.slope : 0;
}

void app_gates(GateList& gates, const PhaseReadings& r, const model::PhaseResult& result) {
  gates.check(GateName::app_lost, r.app_lost.empty() ? 0 : 1, r.app_lost);
  for (const auto& service : r.services) {
    gates.check(GateName::service_lost, service.lost ? 1 : 0,
                fmt::format("The service {} ended during the phase", service.name));
    if (!service.audit_fault.empty())
      gates.say(
          GateName::statements, Validity::invalid,
          fmt::format("The service {} counted other statements than promised: {}.", service.name, service.audit_fault));
    if (!service.audit_unread.empty())
      gates.say(GateName::statements, Validity::degraded,
                fmt::format("The statements at the service {} could not be counted: {}.", service.name,
                            service.audit_unread));
  }
  gates.check(GateName::oom, static_cast<double>(r.oom_kills),
              fmt::format("The kernel killed {} of the app's processes for memory", r.oom_kills));
  if (r.pids) {
    const std::int64_t refused = r.pids->refused.value_or(0);
    const bool full = r.pids->limit && r.pids->now >= *r.pids->limit;
    const std::string of = r.pids->limit ? fmt::format(" of {}", *r.pids->limit) : std::string();
    gates.check(
        GateName::pids_exhausted, full || refused > 0 ? 1 : 0,
        fmt::format("The app had {}{} processes and threads, and was refused {} more", r.pids->now, of, refused));
  }
  if (r.logged) {
    gates.check(GateName::log_flood, static_cast<double>(r.logged->value),
                fmt::format("The app wrote {} of output or more during the phase", format_bytes(*r.logged)));
  }
  const double growth = steady_growth(r);
  gates.check(GateName::leaked, growth,
              fmt::format("The app's memory grew by {} per second all through the phase",
                          format_bytes(Bytes{static_cast<std::int64_t>(growth)})));
  if (const auto throttled = value_of(result.readings, M::throttled_ns)) {
    gates.check(GateName::throttling, *throttled,
                "The app was throttled for " + format_duration(Nanos(static_cast<std::int64_t>(*throttled))));
  }
  gates.check(GateName::no_steady_state, r.load.steady ? 0 : 1,
              "The warm-up reached its time limit without a steady state");
}

// Where the daemon or the machine stood still: the longest time in the window without a sample, as far as it exceeds five of the
// usual ones, or the delay of the readings at an edge. Both may swallow a short window whole.
Nanos standstill(const PhaseReadings& r) {
  Nanos longest{};
  if (r.begin.cpu) longest = std::max(longest, r.begin.cpu->at - r.load.window_begin);
  if (r.end.cpu) longest = std::max(longest, r.end.cpu->at - r.load.window_end);
  if (!r.app_lost.empty()) return longest;  // its samples end with it
  std::vector<double> usual{ns(r.sample_every)};
  MonotonicTime last = r.load.window_begin;
  Nanos gap{};
  for (const auto& sample : r.samples) {
    gap = std::max(gap, sample.at - last);
    usual.push_back(ns(sample.at - last));
    last = sample.at;
  }
  gap = std::max(gap, r.load.window_end - last);
  return ns(gap) > 5 * std::max(ns(r.sample_every), stats::median(usual)) ? std::max(gap, longest) : longest;
}

// Whether the readings were taken when and where they should be.
void rig_gates(GateList& gates, const PhaseReadings& r) {
  if (r.sampler.ticks > 0) {
    gates.check(GateName::sampler, static_cast<double>(r.sampler.late_ticks) / static_cast<double>(r.sampler.ticks),
                fmt::format("{} of {} samples were late by a period or more", r.sampler.late_ticks, r.sampler.ticks));
  }
  if (r.control_before && r.control_after && r.control_before->count() > 0) {
    const double shift = share(*r.control_after, *r.control_before) - 1;
    gates.check(GateName::control, std::abs(shift),
                fmt::format("The control task used {:.1f} % {} CPU time after the phase than before, so the machine's "
                            "speed changed",
                            100 * std::abs(shift), shift > 0 ? "more" : "less"));
  }
  if (r.begin.cpu && r.end.cpu) {
    const Nanos off = std::max(std::chrono::abs(r.begin.cpu->at - r.load.window_begin),
                               std::chrono::abs(r.end.cpu->at - r.load.window_end));
    const Nanos window = r.load.window_end - r.load.window_begin;
    gates.check(GateName::cpu_edges, share(off, window),
                fmt::format("A CPU counter was read {} ({:.1f} % of the phase) away from the edge of the phase",
                            format_duration(off), 100 * share(off, window)));
  }
  gates.check(GateName::clock, ns(r.wall_shift),
              fmt::format("The wall clock moved by {} against the monotonic clock during the phase",
                          format_duration(r.wall_shift)));
  // Shorter ones are the sampler's own matter, which its gate judges.
  if (const Nanos still = standstill(r); ns(still) > rule_of(GateName::clock).invalid_above)
    gates.check(
        GateName::clock, ns(still),
        fmt::format("Nothing was read for {}, so the machine or the daemon stood still", format_duration(still)));
}

// Whoever else used the machine's CPUs during the phase.
void machine_gates(GateList& gates, const PhaseReadings& r, const model::PhaseResult& result) {
  if (!r.begin.host || !r.end.host || r.end.host->at <= r.begin.host->at) return;
  const Nanos span = r.end.host->at - r.begin.host->at;
  const double steal = share(r.end.host->steal - r.begin.host->steal, span) / (r.app_cpus + r.load_cpus);
  gates.check(GateName::steal, steal, fmt::format("The hypervisor took {:.1f} % of the CPU time", 100 * steal));
  const auto app = value_of(result.readings, M::app_cpu_cores);
  if (!app) return;
  const Nanos window = r.load.window_end - r.load.window_begin;
  const double known = *app + service_cores(r).value_or(0) + share(r.load.loader_cpu_all + r.own_cpu, window);
  const double foreign = share(r.end.host->busy - r.begin.host->busy, span) - known;
  gates.check(GateName::foreign_load, foreign,
              fmt::format("Other processes used {:.2f} cores during the phase", foreign));
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
  const auto cores = value_of(result.readings, M::app_cpu_cores);
  if (!cores) return Bound::none;
  if (*cores >= 0.90 * r.app_cpus) return Bound::server;
  const Nanos window = r.load.window_end - r.load.window_begin;
  if (r.app_cpus >= 2 && *cores < 0.80 * r.app_cpus && share(busiest_thread(r.begin, r.end), window) >= 0.90)
    return Bound::single_core;
  return Bound::waiting;
}

}  // namespace

void judge_phase(const PhaseReadings& readings, const model::GateLimits& limits, model::PhaseResult& result) {
  GateList gates(limits);
  loader_gates(gates, readings, result);
  answer_gates(gates, readings, result);
  app_gates(gates, readings, result);
  rig_gates(gates, readings);
  machine_gates(gates, readings, result);
  result.verdict = std::move(gates).mark(result.readings, bound_of(readings, result, limits));
}

}  // namespace dyno::run
