// A number with its standing: one metric's value (or why there is none), how far it can be trusted, what bound it, and the
// gates that say so. Values only, and three lookups. Pure, thread-safe.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/enum_text.h"
#include "model/metric.h"

namespace dyno::model {

// In the order of severity.
enum class Validity { valid, degraded, invalid };
template <>
struct EnumNames<Validity> {
  static constexpr std::array<std::string_view, 3> names{"valid", "degraded", "invalid"};
};

// What limited a throughput.
enum class Bound { none, loader, database, server, single_core, waiting };
template <>
struct EnumNames<Bound> {
  static constexpr std::array<std::string_view, 6> names{"none",   "loader",      "database",
                                                         "server", "single_core", "waiting"};
};

// The gates: of a phase, of a trial's own readings (start, idle, retained, stop), and of the machine before a run. What each
// one judges and from which threshold on: run/gates.h.
enum class GateName {
  loader_cpu,
  loader_starved,
  loader_late,
  loader_lag,
  little,
  errors,
  unanswered,
  deliveries,
  streams,
  beside,
  no_answers,
  app_lost,
  service_lost,
  statements,
  oom,
  pids_exhausted,
  log_flood,
  leaked,
  throttling,
  no_steady_state,
  sampler,
  control,
  cpu_edges,
  clock,
  steal,
  foreign_load,
  start_steal,
  start_foreign_load,
  start_probe,
  start_clock,
  idle_late,
  retained_late,
  co_located,
  governor,
  load,
  swap,
  smt,
  numa,
  daemon_cpus,
};
template <>
struct EnumNames<GateName> {
  static constexpr std::array<std::string_view, 39> names{
      "loader_cpu",   "loader_starved", "loader_late", "loader_lag",
      "little",       "errors",         "unanswered",  "deliveries",
      "streams",      "beside",         "no_answers",  "app_lost",
      "service_lost", "statements",     "oom",         "pids_exhausted",
      "log_flood",    "leaked",         "throttling",  "no_steady_state",
      "sampler",      "control",        "cpu_edges",   "clock",
      "steal",        "foreign_load",   "start_steal", "start_foreign_load",
      "start_probe",  "start_clock",    "idle_late",   "retained_late",
      "co_located",   "governor",       "load",        "swap",
      "smt",          "numa",           "daemon_cpus"};
};
static_assert(static_cast<std::size_t>(GateName::daemon_cpus) + 1 == EnumNames<GateName>::names.size());

// A gate that did not say valid, in words for people.
struct GateResult {
  GateName gate = GateName::errors;
  Validity validity = Validity::valid;
  std::string text;  // "The load generator's busiest worker used 92 % of its core (limit 80 %)."
  bool operator==(const GateResult&) const = default;
};

// The overview of a phase, or of a trial's own readings: the one place where their gates are listed, each once.
struct Verdict {
  Validity validity = Validity::valid;  // the worst of the gates
  Bound bound = Bound::none;
  std::vector<GateResult> gates;  // those that did not say valid
  bool operator==(const Verdict&) const = default;
};

struct Reading {
  MetricName metric = MetricName::throughput_per_s;
  std::optional<double> value;          // base units; finite
  std::string absent;                   // why there is no value; empty where there is one
  Validity validity = Validity::valid;  // the worst of `gates`
  Bound bound = Bound::none;            // where the bound limits this very number
  std::vector<GateName> gates;          // those of the verdict that judge this metric, in its order
  bool operator==(const Reading&) const = default;
};

inline const Reading* find_reading(std::span<const Reading> readings, MetricName metric) {
  const auto found =
      std::find_if(readings.begin(), readings.end(), [=](const Reading& r) { return r.metric == metric; });
  return found == readings.end() ? nullptr : &*found;
}

inline std::optional<double> value_of(std::span<const Reading> readings, MetricName metric) {
  const Reading* const reading = find_reading(readings, metric);
  return reading == nullptr ? std::nullopt : reading->value;
}

// Why there is no value; empty where there is one, or where the metric was not asked for.
inline std::string absence_of(std::span<const Reading> readings, MetricName metric) {
  const Reading* const reading = find_reading(readings, metric);
  return reading == nullptr ? std::string() : reading->absent;
}

}  // namespace dyno::model
