#include "run/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/quantity.h"

namespace dyno::run {
namespace {

using model::GateName;
using model::MetricSet;
using model::Validity;
using Limits = model::GateLimits;
using M = model::MetricName;

// ---- what a fault can make wrong ----
constexpr MetricSet kThroughput{M::throughput_per_s};
constexpr MetricSet kLatency{M::latency_p50_ns, M::latency_p90_ns, M::latency_p99_ns, M::latency_p999_ns,
                             M::latency_max_ns};
constexpr MetricSet kServiceTime{M::service_time_p50_ns, M::service_time_p90_ns, M::service_time_p99_ns,
                                 M::service_time_p999_ns, M::service_time_mean_ns};
constexpr MetricSet kDeliveryTime{M::delivery_p50_ns, M::delivery_p90_ns, M::delivery_p99_ns, M::delivery_p999_ns};
constexpr MetricSet kAppCpu{M::app_cpu_ns_per_request, M::app_cpu_cores};
constexpr MetricSet kServiceCpu{M::service_cpu_ns_per_request, M::service_cpu_cores};
constexpr MetricSet kSampledMemory{M::loaded_private_median_bytes, M::loaded_private_peak_bytes,
                                   M::loaded_docker_equivalent_median_bytes};
constexpr MetricSet kServiceMemory{M::service_private_median_bytes, M::service_private_peak_bytes};
// The faults themselves are right where there are many: that is what the gate read.
constexpr MetricSet kFaults{M::error_ratio, M::delivery_fault_ratio};

// All that depends on how fast something went.
constexpr MetricSet kTimed =
    kThroughput | kLatency | kServiceTime | kDeliveryTime | MetricSet{M::deliveries_per_s, M::beside_per_s};
constexpr MetricSet kCpu = kAppCpu | kServiceCpu;
// All that is said of app and services in a phase. What the rig tells of itself (loader_*, send_error_*, control_ns,
// little_ratio) belongs to no gate: it is the evidence.
constexpr MetricSet kWork =
    kTimed | kCpu | kSampledMemory | kServiceMemory | MetricSet{M::throttled_ns, M::loaded_cgroup_peak_bytes};

constexpr MetricSet kFirstAnswer{
    M::app_startup_ns, M::startup_ns, M::app_startup_cache_cold_ns, M::startup_cache_cold_ns, M::create_to_good_ns,
    M::listen_ns,      M::db_ready_ns};
constexpr MetricSet kStart = kFirstAnswer | MetricSet{M::engine_ns};
constexpr MetricSet kIdle{M::idle_pss_bytes, M::idle_private_bytes, M::idle_docker_equivalent_bytes,
                          M::idle_cgroup_peak_bytes};
constexpr MetricSet kRetained{M::retained_pss_bytes, M::retained_private_bytes, M::retained_docker_equivalent_bytes,
                              M::retained_cgroup_peak_bytes};

constexpr auto kShare = GateUnit::share;
constexpr auto kCores = GateUnit::cores;
constexpr auto kDuration = GateUnit::duration_ns;
constexpr auto kBytes = GateUnit::bytes;
constexpr auto kFlag = GateUnit::flag;

// In the order of the enumerators. The thresholds are reasoned, not calibrated (daemon/docs/gates.md).
constexpr std::array kRules{
    // The load generator itself. What the app spent on an answer, and the memory it took, stay true at any rate.
    GateRule{GateName::loader_cpu, kTimed, kShare, 0.75, kNever, &Limits::load_worker_max},
    GateRule{GateName::loader_starved, kTimed, kShare, 0.10, kNever},
    GateRule{GateName::loader_late, kTimed | MetricSet{M::offered_per_s}, kShare, kNever, kNever, &Limits::late_max},
    GateRule{GateName::loader_lag, kLatency | kDeliveryTime, kDuration, 1e6, kNever},
    // Connections left idle: fewer requests were in flight than the phase says.
    GateRule{GateName::little, kThroughput | kServiceTime, kShare, 0.05, kNever},
    // The app, or what it works with: it did other work than the phase asks for, in less time, CPU and memory.
    GateRule{GateName::errors, kWork, kShare, kNever, kNever, &Limits::errors_max},
    // What was answered took the time that it took, and so many were: only the times of the others are unknown.
    GateRule{GateName::unanswered, kLatency | kServiceTime, kFlag, 0, kNever},
    GateRule{GateName::deliveries, kWork, kShare, kNever, kNever, &Limits::errors_max},
    GateRule{GateName::streams, kWork, kFlag, 0, kNever},
    GateRule{GateName::beside, kWork - MetricSet{M::beside_per_s}, kFlag, 0, kNever},
    GateRule{GateName::no_answers, kWork, kFlag, kNever, 0},
    GateRule{GateName::app_lost, kWork, kFlag, kNever, 0},
    GateRule{GateName::service_lost, kWork | kFaults, kFlag, kNever, 0},  // its errors are not the app's
    GateRule{GateName::statements, kWork, kFlag, kNever, 0},
    GateRule{GateName::oom, kWork, kFlag, kNever, 0},
    GateRule{GateName::pids_exhausted, kWork, kFlag, kNever, 0},
    // The engine reads the output line by line, on CPUs of this machine. It keeps 2 MB at least of it, so that no limit may be higher;
    // of short lines two thirds of these are the engine's own words.
    GateRule{GateName::log_flood, kWork, kBytes, 64 * 1024, 512 * 1024},
    // Per second. What the app held of its memory is then a matter of how long the phase was.
    GateRule{GateName::leaked, kSampledMemory | MetricSet{M::loaded_cgroup_peak_bytes}, kBytes, 256 * 1024, kNever},
    GateRule{GateName::throttling, kTimed | MetricSet{M::app_cpu_cores}, kDuration, 0, kNever},
    GateRule{GateName::no_steady_state, kWork, kFlag, 0, kNever},
    // The rig: samples make the memory figures alone, CPU readings at the edges the CPU figures alone.
    GateRule{GateName::sampler, kSampledMemory, kShare, 0.05, kNever},
    GateRule{GateName::control, kTimed | kCpu, kShare, 0.05, kNever},
    GateRule{GateName::cpu_edges, kCpu | MetricSet{M::throttled_ns}, kShare, 0.02, 0.20},
    GateRule{GateName::clock, kWork | kFaults, kDuration, 50e6, 1e9},
    // Others on the machine take time and caches, and not memory.
    GateRule{GateName::steal, kTimed | kCpu, kShare, 0.01, 0.05},
    GateRule{GateName::foreign_load, kTimed | kCpu, kCores, 0.05, kNever},
    // The trial's own readings.
    GateRule{GateName::start_steal, kStart, kShare, 0.01, 0.05},
    GateRule{GateName::start_foreign_load, kFirstAnswer, kCores, 0.25, kNever},
    GateRule{GateName::start_probe, kFirstAnswer, kDuration, 2e6, kNever},
    GateRule{GateName::start_clock, kStart, kDuration, 50e6, 1e9},
    GateRule{GateName::idle_late, kIdle, kDuration, 1e9, kNever},
    GateRule{GateName::retained_late, kRetained, kDuration, 1e9, kNever},
    // The machine before the run.
    GateRule{GateName::co_located, {}, kFlag, 0, kNever},
    GateRule{GateName::governor, {}, kFlag, 0, kNever},
    GateRule{GateName::load, {}, kFlag, 0.5, kNever},
    GateRule{GateName::swap, {}, kFlag, 0, kNever},
    GateRule{GateName::smt, {}, kFlag, 0, kNever},
    GateRule{GateName::numa, {}, kFlag, 0, kNever},
    GateRule{GateName::daemon_cpus, {}, kFlag, 0, kNever},
};

constexpr bool is_whole(std::span<const GateRule> rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (static_cast<std::size_t>(rules[i].gate) != i) return false;
  }
  return rules.size() == model::EnumNames<GateName>::names.size();
}
static_assert(is_whole(kRules), "one row a gate, in the order of the enumerators");

std::string limit_text(GateUnit unit, double limit) {
  if (limit <= 0) return {};  // "none at all" needs no number
  switch (unit) {
    case GateUnit::share: return fmt::format(" (limit {:.3g} %)", 100 * limit);
    case GateUnit::cores: return fmt::format(" (limit {:.3g} of a core)", limit);
    case GateUnit::duration_ns:
      return fmt::format(" (limit {})", format_duration(Nanos(static_cast<std::int64_t>(limit))));
    case GateUnit::bytes: return fmt::format(" (limit {})", format_bytes(Bytes{static_cast<std::int64_t>(limit)}));
    case GateUnit::flag: break;
  }
  return {};
}

}  // namespace

std::span<const GateRule> gate_rules() { return kRules; }

const GateRule& rule_of(GateName gate) { return kRules[static_cast<std::size_t>(gate)]; }

void GateList::check(GateName gate, double amount, const std::string& fact, const std::optional<MetricSet>& judges) {
  const GateRule& rule = rule_of(gate);
  const bool by_profile = rule.profile_limit != nullptr;
  const double invalid = by_profile ? limits_.*rule.profile_limit : rule.invalid_above;
  const double degraded =
      by_profile && rule.degraded_above != kNever ? rule.degraded_above * invalid : rule.degraded_above;
  if (amount > invalid) {
    say(gate, Validity::invalid, fact + limit_text(rule.unit, invalid) + ".", judges);
  } else if (amount > degraded) {
    say(gate, Validity::degraded, fact + limit_text(rule.unit, degraded) + ".", judges);
  }
}

void GateList::say(GateName gate, Validity validity, std::string text, const std::optional<MetricSet>& judges) {
  const MetricSet judged = judges.value_or(rule_of(gate).judges);
  const auto same = std::find_if(found_.begin(), found_.end(), [=](const auto& one) { return one.gate == gate; });
  if (same == found_.end()) {
    found_.push_back({gate, validity, std::move(text)});
    judged_.push_back(judged);
    return;
  }
  MetricSet& all = judged_[static_cast<std::size_t>(same - found_.begin())];
  all = all | judged;
  same->validity = std::max(same->validity, validity);
  same->text += " " + text;
}

model::Verdict GateList::mark(std::vector<model::Reading>& readings, model::Bound bound) && {
  // A bound says what set the pace: it limits what follows from the pace, and not what one answer costs.
  constexpr MetricSet kPaced = kThroughput | kServiceTime | MetricSet{M::app_cpu_cores};
  model::Verdict verdict;
  verdict.bound = bound;
  for (const model::GateResult& gate : found_) verdict.validity = std::max(verdict.validity, gate.validity);
  for (model::Reading& reading : readings) {
    reading.bound = kPaced.has(reading.metric) ? bound : model::Bound::none;
    reading.validity = Validity::valid;
    reading.gates.clear();
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (!judged_[i].has(reading.metric)) continue;
      reading.gates.push_back(found_[i].gate);
      reading.validity = std::max(reading.validity, found_[i].validity);
    }
  }
  verdict.gates = std::move(found_);
  return verdict;
}

}  // namespace dyno::run
