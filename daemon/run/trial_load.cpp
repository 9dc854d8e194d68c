// The load phases of a trial: rate, window edges, samples, verdict.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/load_requests.h"
#include "run/plan.h"
#include "run/service_verification.h"
#include "run/trial.h"

namespace dyno::run {

using model::TrialFailure;

namespace {

ports::SamplerCost growth(const ports::SamplerCost& from, const ports::SamplerCost& to) {
  return {to.cpu - from.cpu, to.ticks - from.ticks, to.late_ticks - from.late_ticks};
}

}  // namespace

Result<Rate> Trial::resolve_rate(const model::ProfilePhase& phase) const {
  if (const auto* rate = std::get_if<Rate>(&phase.rate)) return *rate;
  const auto* share = std::get_if<model::ShareOfCap>(&phase.rate);
  if (share == nullptr) return Rate{};
  const auto cap = caps_.find(share->cap);
  if (cap == caps_.end())
    return fail(ErrorCode::not_found, fmt::format("the rate depends on {}, which was not measured", share->cap));
  return Rate{share->share * cap->second};
}

EdgeReading Trial::read_edge() {
  EdgeReading edge;
  // The app's own counter first: it is the one whose distance from the edge matters most.
  if (auto cpu = sampling_->read_cpu()) edge.cpu = *cpu;
  for (const auto& service : service_sampling_) {
    const auto cpu = service->read_cpu();
    edge.services.push_back(cpu ? std::optional(*cpu) : std::nullopt);
  }
  if (auto host = rig_.sampler.read_host()) edge.host = *host;
  if (auto threads = sampling_->read_thread_cpu()) edge.threads = std::move(*threads);
  return edge;
}

std::optional<Nanos> Trial::read_control() const {
  if (!rig_.control) return std::nullopt;
  const auto cpu_time = rig_.control(input_.plan.placement.app_cpus.front());
  return cpu_time ? std::optional(*cpu_time) : std::nullopt;
}

// A loader that spins up to each due time would take the CPU from a service that must answer there meanwhile, and from the
// loader of the work beside.
bool Trial::shares_cpus(const model::ProfilePhase& phase) const {
  return phase.beside ||
         std::any_of(input_.services.begin(), input_.services.end(), [&](const ServiceContainer* service) {
           const auto& needed_by = service->described().workloads;
           return service->beside_loader() &&
                  std::find(needed_by.begin(), needed_by.end(), phase.workload) != needed_by.end();
         });
}

std::vector<ServiceReadings> Trial::service_readings(const ports::LoadOutcome& load, const EdgeReading& begin,
                                                     const EdgeReading& end,
                                                     const std::vector<ports::SamplerCost>& cost_begin) const {
  std::vector<ServiceReadings> all;
  for (std::size_t i = 0; i < service_sampling_.size(); ++i) {
    const ServiceContainer& service = *input_.services[i];
    ServiceReadings readings;
    readings.name = service.name();
    readings.cpus = service.cpus();
    readings.beside_loader = service.beside_loader();
    if (i < begin.services.size()) readings.begin = begin.services[i];
    if (i < end.services.size()) readings.end = end.services[i];
    for (const auto& sample : service_sampling_[i]->samples_since(load.window_begin)) {
      if (sample.at <= load.window_end) readings.samples.push_back(sample);
    }
    readings.sampler = growth(cost_begin[i], service_sampling_[i]->cost());
    all.push_back(std::move(readings));
  }
  return all;
}

ports::LoadSpec Trial::load_spec(const std::vector<model::ProfilePhase>& phases, std::size_t index, Rate rate) {
  const model::ProfilePhase& phase = phases[index];
  const model::WarmUp& warm_up = input_.plan.profile.warm_up;
  ports::LoadSpec spec;
  spec.target = sandbox_->target(the_case().stack.run.port);
  spec.requests = contract::load_requests(phase.workload, phase.params, bodies_[phase.workload]);
  contract::LoadStream stream = contract::load_stream(phase.workload, phase.params);
  spec.protocol = stream.protocol;
  spec.stream = std::move(stream.request);
  spec.subscribers = stream.subscribers;
  spec.loop = phase.loop;
  spec.connections = phase.connections;
  spec.rate = rate;
  spec.warm_up = warm_up_before(phases, index, warm_up);
  const bool in_full = index == 0 || phases[index - 1].workload != phase.workload;
  if (in_full && warm_up.kind == model::WarmUpKind::until_steady) spec.warm_up_max = warm_up.max;
  spec.measure = phase.measure;
  spec.cpus = input_.plan.placement.load_cpus;
  spec.shares_cpus = shares_cpus(phase);
  spec.seed = input_.plan.seed + static_cast<std::uint64_t>(input_.planned.index) * 1000 + index;
  if (!phase.beside) return spec;
  ports::LoadSpec other;
  other.target = spec.target;
  other.requests =
      contract::load_requests(phase.beside->workload, phase.beside->params, bodies_[phase.beside->workload]);
  other.connections = phase.beside->connections;
  other.cpus = spec.cpus;
  other.seed = spec.seed + 500;
  other.shares_cpus = true;
  spec.beside.push_back(std::move(other));
  return spec;
}

// Runs the load and reads the counters at the edges of its window.
TrialResult<PhaseReadings> Trial::read_phase(const model::ProfilePhase& phase, const ports::LoadSpec& spec) {
  EdgeReading begin;
  EdgeReading end;
  Nanos own_begin{};
  Nanos own_end{};
  std::stop_source abort;
  const std::stop_callback chained(stop_, [&abort] { abort.request_stop(); });
  const ports::SamplerCost cost_begin = sampling_->cost();
  std::vector<ports::SamplerCost> service_cost_begin;
  for (const auto& service : service_sampling_) service_cost_begin.push_back(service->cost());
  const auto oom_begin = sampling_->oom_kills();
  std::vector<bool> audited;
  for (const ServiceContainer* service : input_.services) audited.push_back(begin_load_audit(*service, phase, stop_));
  ports::LoadListener listener;
  listener.window_begin = [&](MonotonicTime) {
    begin = read_edge();
    static_cast<void>(sampling_->reset_peak());  // where the kernel cannot, the peak's scope is the container's life
    own_begin = rig_.own_cpu();
  };
  listener.window_end = [&](MonotonicTime) {
    end = read_edge();
    own_end = rig_.own_cpu();
  };
  listener.second = [&](const ports::LoadSecond& second) { watch_second(second, phase, abort); };
  const auto control_before = read_control();
  auto outcome = rig_.load.run_phase(spec, listener, abort.get_token());
  if (stop_.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
  if (!outcome) {
    if (auto lost = app_verdict()) return tl::unexpected<TrialEnd>(std::move(*lost));
    const Error& error = outcome.error();
    PhaseReadings none;
    none.refused = error.message;
    if (error.code == ErrorCode::unavailable) return none;
    return end_from(error, error.code == ErrorCode::timed_out ? TrialFailure::hung : TrialFailure::loader_failed);
  }
  PhaseReadings readings = readings_of(phase, std::move(*outcome));
  readings.services = service_readings(readings.load, begin, end, service_cost_begin);
  for (std::size_t i = 0; i < readings.services.size(); ++i) {
    if (!audited[i]) continue;
    LoadAudit audit = end_load_audit(*input_.services[i], phase, readings.load, connections_allowed(), stop_);
    readings.services[i].audit_fault = std::move(audit.fault);
    readings.services[i].audit_unread = std::move(audit.unread);
  }
  readings.begin = std::move(begin);
  readings.end = std::move(end);
  readings.own_cpu = own_end - own_begin;
  readings.control_before = control_before;
  readings.control_after = read_control();
  readings.sampler = growth(cost_begin, sampling_->cost());
  readings.oom_kills = sampling_->oom_kills().value_or(0) - oom_begin.value_or(0);
  if (phase.loop == model::Loop::open) readings.offered = spec.rate;
  return readings;
}

TrialStatus Trial::load_phase(const std::vector<model::ProfilePhase>& phases, std::size_t index) {
  const model::ProfilePhase& phase = phases[index];
  if (auto done = step(model::TrialStep::loading, phase.name); !done) return done;
  auto rate = resolve_rate(phase);
  if (!rate) return tell_not_measured(phase.name, rate.error().message);
  auto readings = read_phase(phase, load_spec(phases, index, *rate));
  if (!readings) return tl::unexpected<TrialEnd>(std::move(readings.error()));
  if (!readings->refused.empty()) return tell_not_measured(phase.name, readings->refused);
  auto lost = app_verdict();
  readings->app_lost = lost.has_value();
  if (auto end = services_verdict(readings->services)) lost = std::move(end);

  model::PhaseResult result = measure_phase(*readings);
  result.verdict = judge_phase(*readings, result, input_.plan.profile.gates);
  // The timeline keeps all samples since the phase before; the metrics above took those of the window.
  result.samples = sampling_->samples_since(sampled_until_);
  sampled_until_ = result.window_end;
  report_.measured += result.window_end - result.window_begin;
  if (auto written = journal(model::PhaseFinished{.trial_id = id_, .result = result}); !written) return written;
  if (lost) return tl::unexpected<TrialEnd>(std::move(*lost));
  return after_phase(phase, result);
}

// What the phase means for the rest of the trial.
TrialStatus Trial::after_phase(const model::ProfilePhase& phase, const model::PhaseResult& result) {
  const auto throughput = result.metrics.find("throughput_per_s");
  const bool usable = throughput != result.metrics.end() && throughput->second > 0;
  if (!phase.as.empty() && usable) caps_[phase.as] = throughput->second;
  if (result.good == 0) {
    return end_trial(result.errors.timeout > 0 ? TrialFailure::hung : TrialFailure::too_many_errors,
                     fmt::format("{}: not one good answer ({} errors)", result.phase, result.errors.total()));
  }
  return {};
}

PhaseReadings Trial::readings_of(const model::ProfilePhase& phase, ports::LoadOutcome outcome) {
  PhaseReadings readings;
  readings.phase = phase;
  readings.load = std::move(outcome);
  for (const auto& sample : sampling_->samples_since(readings.load.window_begin)) {
    if (sample.at <= readings.load.window_end) readings.samples.push_back(sample);
  }
  if (auto memory = sampling_->read_memory(false)) readings.cgroup_peak = memory->cgroup_peak;
  readings.app_cpus = static_cast<int>(input_.plan.placement.app_cpus.size());
  readings.load_cpus = static_cast<int>(input_.plan.placement.load_cpus.size());
  return readings;
}

void Trial::watch_second(const ports::LoadSecond& second, const model::ProfilePhase& phase, std::stop_source& abort) {
  model::LiveSample live;
  live.run_id = input_.run_id;
  live.progress = progress_now(second.warming_up ? "warming_up" : "loading", phase.name);
  live.rate_per_s = static_cast<double>(second.point.good);
  live.p99_ns = second.point.p99_ns;
  live.errors = second.point.errors;
  const auto recent = sampling_->samples_since(rig_.clock.now() - std::chrono::milliseconds(500));
  if (!recent.empty()) live.private_bytes = recent.back().private_bytes;
  rig_.journal.publish(live);
  // A second without a good answer may mean that the server is gone: then the rest of the phase is not worth waiting for.
  if (second.point.good == 0 && app_verdict()) abort.request_stop();
}

}  // namespace dyno::run
