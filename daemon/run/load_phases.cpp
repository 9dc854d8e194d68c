#include "run/load_phases.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"
#include "base/text.h"
#include "contract/stack_workloads.h"
#include "run/plan.h"
#include "run/service_verification.h"

namespace dyno::run {

using model::TrialFailure;

namespace {

ports::SamplerCost growth(const ports::SamplerCost& from, const ports::SamplerCost& to) {
  return {to.cpu - from.cpu, to.ticks - from.ticks, to.late_ticks - from.late_ticks};
}

// Of the gate, for an end of the trial that was seen after a phase.
std::string words_for(const TrialEnd& lost) {
  const model::Blame blame = model::blame_of(lost.failure);
  if (blame == model::Blame::stack) return "The app's container ended during the phase";
  if (blame == model::Blame::engine) return "Whether the app outlived the phase is not known: " + lost.reason;
  return "The app was lost during the phase: " + lost.reason;
}

// Whom, what and how, by a workload's own words; how many and how long is the phase's.
ports::LoadSpec load_of(const PhaseInPlan& asked, const std::string& name, const contract::Params& params,
                        const contract::RightBodies& bodies) {
  const model::Stack& stack = asked.plan.cases[static_cast<std::size_t>(asked.planned.case_index)].stack;
  const std::int64_t users = asked.plan.profile.database.value_or(model::DatabaseRequest{}).users;
  const contract::Workload workload = contract::workload_of(stack, name);
  const contract::Setting setting = contract::setting_of(workload, params, users);
  contract::LoadStream stream = contract::load_stream(workload, setting);
  ports::LoadSpec spec;
  spec.target = asked.target;
  spec.requests = contract::load_requests(workload, setting, bodies);
  spec.protocol = stream.protocol;
  spec.stream = std::move(stream.request);
  spec.subscribers = stream.subscribers;
  spec.is_session = workload.is_session;
  spec.table_csv = workload.table_csv;
  spec.cpus = asked.plan.placement.load_cpus;
  return spec;
}

}  // namespace

ports::LoadSpec load_spec(const PhaseInPlan& asked, RightBodies bodies) {
  const auto& [plan, planned, phases, index, rate, target, shares_cpus] = asked;
  const model::ProfilePhase& phase = phases[index];
  const model::WarmUp& warm_up = plan.profile.warm_up;
  ports::LoadSpec spec = load_of(asked, phase.workload, phase.params, bodies[phase.workload]);
  spec.loop = phase.loop;
  spec.connections = phase.connections;
  spec.rate = rate;
  spec.warm_up = warm_up_before(phases, index, warm_up);
  const bool in_full = index == 0 || phases[index - 1].workload != phase.workload;
  if (in_full && warm_up.kind == model::WarmUpKind::until_steady) spec.warm_up_max = warm_up.max;
  spec.measure = window_of(phase, rate);
  spec.shares_cpus = shares_cpus;
  spec.seed = plan.seed + static_cast<std::uint64_t>(planned.index) * 1000 + index;
  if (!phase.beside) return spec;
  const std::string& beside = phase.beside->workload;
  ports::LoadSpec other = load_of(asked, beside, phase.beside->params, bodies[beside]);
  other.connections = phase.beside->connections;
  other.seed = spec.seed + 500;
  other.shares_cpus = true;
  spec.beside.push_back(std::move(other));
  return spec;
}

TrialStatus LoadPhases::run() {
  const auto phases = phases_for(scene_.the_case().stack, scene_.input.plan.profile);
  const bool is_without_load = phases.empty() && is_own(scene_.the_case().stack);
  if (phases.empty() && !is_without_load)
    return end_trial(TrialFailure::loader_failed, "the stack offers no workload of this profile");
  if (auto told = tell_what_is_not_offered(phases); !told) return told;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (auto done = load_phase(phases, i); !done) return done;
  }
  if (measured_ > Nanos(0) || is_without_load) return {};
  return end_trial(gaps_by_, "no phase could be measured: " + last_gap_);
}

TrialStatus LoadPhases::tell_not_measured(const std::string& phase, std::string reason) {
  last_gap_ = reason;
  return scene_.tell(model::PhaseFinished{
      .trial_id = scene_.id, .result = unmeasured_phase(phase, scene_.rig.host.clock().now(), std::move(reason))});
}

TrialStatus LoadPhases::tell_what_is_not_offered(const std::vector<model::ProfilePhase>& offered) {
  for (const model::ProfilePhase& phase : phases_of(scene_.input.plan)) {
    if (std::any_of(offered.begin(), offered.end(), [&](const auto& p) { return p.name == phase.name; })) continue;
    const auto why_not = [&](const std::string& workload) {
      return why_not_asked(scene_.the_case().stack, scene_.input.plan.profile.mode, workload);
    };
    std::string reason = why_not(phase.workload);
    if (reason.empty() && phase.beside) reason = why_not(phase.beside->workload);
    // It has the workload, so only its own objectives can have left the phase out.
    if (reason.empty()) reason = "none of the stack's objectives names this rate";
    if (auto told = tell_not_measured(phase.name, std::move(reason)); !told) return told;
  }
  return {};
}

Result<Rate> LoadPhases::resolve_rate(const model::ProfilePhase& phase) const {
  if (const auto* rate = std::get_if<Rate>(&phase.rate)) return *rate;
  const auto* share = std::get_if<model::ShareOfCap>(&phase.rate);
  if (share == nullptr) return Rate{};
  const auto cap = caps_.find({phase.workload, share->cap});
  if (cap == caps_.end())
    return fail(ErrorCode::not_found, fmt::format("the rate depends on {}, which was not measured", share->cap));
  return Rate{share->share * cap->second};
}

EdgeReading LoadPhases::read_edge() {
  EdgeReading edge;
  // The app's own counter first: it is the one whose distance from the edge matters most.
  if (auto cpu = scene_.sampling->read_cpu()) edge.cpu = *cpu;
  for (const auto& service : scene_.service_sampling) {
    const auto cpu = service->read_cpu();
    edge.services.push_back(cpu ? std::optional(*cpu) : std::nullopt);
  }
  edge.host = scene_.read_host();
  if (auto threads = scene_.sampling->read_thread_cpu()) edge.threads = std::move(*threads);
  return edge;
}

std::optional<Nanos> LoadPhases::read_control() const {
  const auto cpu_time = scene_.rig.host.control_work(scene_.input.plan.placement.app_cpus.front());
  return cpu_time ? std::optional(*cpu_time) : std::nullopt;
}

// A loader that spins up to each due time would take the CPU from a service that must answer there meanwhile, and from the
// loader of the work beside.
bool LoadPhases::shares_cpus(const model::ProfilePhase& phase) const {
  const bool same_core = scene_.input.plan.placement.loader_shares_core;
  return phase.beside ||
         std::any_of(scene_.input.services.begin(), scene_.input.services.end(), [&](const ServiceContainer* service) {
           return (service->beside_loader() || same_core) &&
                  is_needed(service->described(), scene_.the_case().stack, phase.workload);
         });
}

std::vector<ServiceReadings> LoadPhases::service_readings(const ports::LoadOutcome& load, const EdgeReading& begin,
                                                          const EdgeReading& end,
                                                          const std::vector<ports::SamplerCost>& cost_begin) const {
  std::vector<ServiceReadings> all;
  for (std::size_t i = 0; i < scene_.service_sampling.size(); ++i) {
    const ServiceContainer& service = *scene_.input.services[i];
    ServiceReadings readings;
    readings.name = service.name();
    readings.cpus = service.cpus();
    readings.beside_loader = service.beside_loader();
    if (i < begin.services.size()) readings.begin = begin.services[i];
    if (i < end.services.size()) readings.end = end.services[i];
    for (const auto& sample : scene_.service_sampling[i]->samples_since(load.window_begin)) {
      if (sample.at <= load.window_end) readings.samples.push_back(sample);
    }
    readings.sampler = growth(cost_begin[i], scene_.service_sampling[i]->cost());
    all.push_back(std::move(readings));
  }
  return all;
}

void LoadPhases::end_audits(const std::vector<bool>& audited, PhaseReadings& readings) const {
  for (std::size_t i = 0; i < readings.services.size(); ++i) {
    if (!audited[i]) continue;
    LoadAudit audit = end_load_audit(*scene_.input.services[i], scene_.the_case().stack, readings.phase, readings.load,
                                     scene_.connections_allowed(), scene_.stop);
    readings.services[i].audit_fault = std::move(audit.fault);
    readings.services[i].audit_unread = std::move(audit.unread);
  }
}

// Nothing where the kernel did reset the peak; otherwise that of the container's life so far.
static std::optional<Bytes> peak_left_by_reset(ports::Sampling& sampling) {
  if (sampling.reset_peak()) return std::nullopt;
  const auto memory = sampling.read_memory(false);
  return memory ? memory->cgroup_peak : std::nullopt;
}

// Runs the load and reads the counters at the edges of its window.
TrialResult<PhaseReadings> LoadPhases::read_phase(const model::ProfilePhase& phase, const ports::LoadSpec& spec) {
  EdgeReading begin;
  EdgeReading end;
  Nanos own_begin{};
  Nanos own_end{};
  Nanos wall_begin = scene_.wall_offset();
  Nanos wall_end = wall_begin;
  std::optional<Bytes> peak;
  std::optional<Bytes> earlier_peak;  // where the kernel cannot reset it
  std::optional<ports::PidsReading> pids;
  const auto pids_begin = scene_.sampling->pids();
  WallTime logged_from = scene_.rig.host.clock().wall_now();
  std::stop_source abort;
  const std::stop_callback chained(scene_.stop, [&abort] { abort.request_stop(); });
  const ports::SamplerCost cost_begin = scene_.sampling->cost();
  std::vector<ports::SamplerCost> service_cost_begin;
  for (const auto& service : scene_.service_sampling) service_cost_begin.push_back(service->cost());
  const auto oom_begin = scene_.sampling->oom_kills();
  std::vector<bool> audited;
  for (const ServiceContainer* service : scene_.input.services)
    audited.push_back(begin_load_audit(*service, scene_.the_case().stack, phase, scene_.stop));
  ports::LoadListener listener;
  listener.window_begin = [&](MonotonicTime) {
    begin = read_edge();
    earlier_peak = peak_left_by_reset(*scene_.sampling);
    own_begin = scene_.rig.host.own_cpu();
    wall_begin = scene_.wall_offset();
    logged_from = scene_.rig.host.clock().wall_now();
  };
  listener.window_end = [&](MonotonicTime) {
    end = read_edge();
    own_end = scene_.rig.host.own_cpu();
    wall_end = scene_.wall_offset();
    // Here, not once the load has drained: what the app takes by then is no more of the window.
    if (auto memory = scene_.sampling->read_memory(false)) peak = memory->cgroup_peak;
    pids = scene_.sampling->pids();
  };
  listener.second = [&](const ports::LoadSecond& second) { watch_second(second, phase, abort); };
  const auto control_before = read_control();
  auto outcome = scene_.rig.host.load().run_phase(spec, listener, abort.get_token());
  if (scene_.stop.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
  if (!outcome) return not_loaded(outcome.error());
  PhaseReadings readings = readings_of(phase, std::move(*outcome));
  readings.services = service_readings(readings.load, begin, end, service_cost_begin);
  end_audits(audited, readings);
  readings.cgroup_peak = peak;
  readings.earlier_peak = earlier_peak;
  readings.begin = std::move(begin);
  readings.end = std::move(end);
  readings.own_cpu = own_end - own_begin;
  readings.wall_shift = std::chrono::abs(wall_end - wall_begin);
  readings.control_before = control_before;
  readings.control_after = read_control();
  readings.sampler = growth(cost_begin, scene_.sampling->cost());
  readings.oom_kills = scene_.sampling->oom_kills().value_or(0) - oom_begin.value_or(0);
  if (pids && pids->refused) *pids->refused -= pids_begin ? pids_begin->refused.value_or(0) : 0;
  readings.pids = pids;
  if (auto logged = scene_.rig.host.engine().logged_since(scene_.app->id(), logged_from)) readings.logged = *logged;
  if (phase.loop == model::Loop::open) readings.offered = spec.rate;
  return readings;
}

// A phase that the server refused, or that the loader could not load, stays empty; the next one may do better.
TrialResult<PhaseReadings> LoadPhases::not_loaded(const ports::LoadFailure& failure) {
  if (auto lost = scene_.verdict()) return tl::unexpected<TrialEnd>(std::move(*lost));
  PhaseReadings none;
  none.refused = failure.message;
  switch (failure.fault) {
    case ports::LoadFault::refused: return none;
    case ports::LoadFault::starved: gaps_by_ = TrialFailure::loader_failed; return none;
    case ports::LoadFault::cancelled: return end_trial(TrialFailure::cancelled, "cancelled");
    case ports::LoadFault::broken: return end_trial(TrialFailure::loader_failed, failure.message);
  }
  return none;
}

std::optional<TrialEnd> LoadPhases::services_verdict(std::vector<ServiceReadings>& services) const {
  for (std::size_t i = 0; i < scene_.input.services.size(); ++i) {
    auto running = scene_.input.services[i]->running();
    if (running) continue;
    services[i].lost = true;
    return end_by_service(scene_.input.services[i]->name(), running.error()).value();
  }
  return std::nullopt;
}

TrialStatus LoadPhases::load_phase(const std::vector<model::ProfilePhase>& phases, std::size_t index) {
  const model::ProfilePhase& phase = phases[index];
  if (auto done = scene_.step(model::TrialStep::loading, phase.name); !done) return done;
  auto rate = resolve_rate(phase);
  if (!rate) return tell_not_measured(phase.name, rate.error().message);
  const PhaseInPlan asked{.plan = scene_.input.plan,
                          .planned = scene_.input.planned,
                          .phases = phases,
                          .index = index,
                          .rate = *rate,
                          .target = scene_.target(),
                          .shares_cpus = shares_cpus(phase)};
  auto readings = read_phase(phase, load_spec(asked, scene_.bodies));
  if (!readings) return tl::unexpected<TrialEnd>(std::move(readings.error()));
  if (!readings->refused.empty()) return tell_not_measured(phase.name, readings->refused);
  auto lost = scene_.verdict();
  if (lost) readings->app_lost = words_for(*lost);
  if (auto end = services_verdict(readings->services)) lost = std::move(end);

  model::PhaseResult result = measure_phase(*readings);
  judge_phase(*readings, scene_.input.plan.profile.gates, result);
  auto timeline = scene_.sampling->samples_since(scene_.sampled_until);
  if (!timeline.empty()) scene_.sampled_until = timeline.back().at + Nanos(1);
  measured_ += result.window_end - result.window_begin;
  if (auto written =
          scene_.tell(model::PhaseFinished{.trial_id = scene_.id, .result = result, .timeline = std::move(timeline)});
      !written) {
    return written;
  }
  if (lost) return tl::unexpected<TrialEnd>(std::move(*lost));
  return after_phase(phase, result, readings->load);
}

namespace {

// Whoever answers nothing wrongly and nothing at all in time hangs, or drips where bytes came.
tl::unexpected<TrialEnd> end_without_answers(const model::PhaseResult& result, std::int64_t received) {
  if (result.errors.total() > result.errors.timeout)
    return end_trial(TrialFailure::too_many_errors,
                     fmt::format("{}: no good answer ({} errors)", result.phase, result.errors.total()));
  const Nanos window = result.window_end - result.window_begin;
  if (received == 0) {
    return end_trial(TrialFailure::hung,
                     fmt::format("{}: not one byte of an answer within {}", result.phase, format_duration(window)));
  }
  return end_trial(TrialFailure::slow_drip,
                   fmt::format("{}: answers began and none ended within {} ({} received)", result.phase,
                               format_duration(window), format_bytes(Bytes{received})));
}

// Of a stack of somebody's own: the first answers that were not as its file says, where more were than the gate lets pass. They passed
// before the load, so this is what load does to them; figures of such answers say nothing. Empty: all is well.
std::string wrong_answers(const model::Stack& stack, const model::ProfilePhase& phase, const ports::LoadOutcome& load,
                          double errors_max) {
  // Rules about more than the status are asked of a sample.
  const auto asked = std::max(load.bodies_checked, load.errors.bad_body);
  if (!is_own(stack) || static_cast<double>(load.errors.bad_body) <= errors_max * static_cast<double>(asked)) return "";
  const auto own = std::find_if(stack.own_workloads.begin(), stack.own_workloads.end(),
                                [&phase](const model::OwnWorkload& one) { return one.name == phase.workload; });
  std::string words = fmt::format("workload \"{}\" under load: {} of {} answers that were looked at are wrong",
                                  phase.workload, load.errors.bad_body, asked);
  for (const ports::BadAnswer& bad : load.bad_answers) {
    if (bad.status != 0) continue;
    const bool is_known = own != stack.own_workloads.end() && bad.request < own->requests.size();
    words += fmt::format("; {}: {}", is_known ? own->requests[bad.request].name : "a request", bad.why);
    if (!bad.file.empty()) words += fmt::format(" ({}:{})", bad.file, bad.line);
    words += fmt::format(", the body \"{}\"", visible(bad.bytes, 200));
  }
  return words;
}

}  // namespace

// What the phase means for the rest of the trial.
TrialStatus LoadPhases::after_phase(const model::ProfilePhase& phase, const model::PhaseResult& result,
                                    const ports::LoadOutcome& load) {
  const double throughput = value_of(result.readings, model::MetricName::throughput_per_s).value_or(0);
  if (!phase.as.empty() && throughput > 0) caps_[{phase.workload, phase.as}] = throughput;
  const double errors_max = scene_.input.plan.profile.gates.errors_max;
  if (const std::string wrong = wrong_answers(scene_.the_case().stack, phase, load, errors_max); !wrong.empty())
    return end_trial(TrialFailure::wrong_body, visible(wrong, 900));
  if (result.good == 0) {
    if (auto lost = scene_.sandbox_verdict()) return tl::unexpected<TrialEnd>(std::move(*lost));
    return end_without_answers(result, load.bytes_received);
  }
  return {};
}

PhaseReadings LoadPhases::readings_of(const model::ProfilePhase& phase, ports::LoadOutcome outcome) {
  PhaseReadings readings;
  readings.phase = phase;
  readings.load = std::move(outcome);
  for (const auto& sample : scene_.sampling->samples_since(readings.load.window_begin)) {
    if (sample.at <= readings.load.window_end) readings.samples.push_back(sample);
  }
  readings.sample_every = scene_.input.plan.profile.memory.sample_every;
  readings.app_cpus = static_cast<int>(scene_.input.plan.placement.app_cpus.size());
  readings.load_cpus = static_cast<int>(scene_.input.plan.placement.load_cpus.size());
  return readings;
}

void LoadPhases::watch_second(const ports::LoadSecond& second, const model::ProfilePhase& phase,
                              std::stop_source& abort) {
  model::LiveSample live;
  live.run_id = scene_.input.run_id;
  live.progress = scene_.progress_now(second.warming_up ? "warming_up" : "loading", phase.name);
  live.rate_per_s = static_cast<double>(second.point.good);
  live.p99_ns = second.point.p99_ns;
  live.errors = second.point.errors;
  const auto recent = scene_.sampling->samples_since(scene_.rig.host.clock().now() - std::chrono::milliseconds(500));
  if (!recent.empty()) live.private_bytes = recent.back().private_bytes;
  scene_.rig.journal.publish(live);
  // A second without a good answer may mean that the server is gone: then the rest of the phase is not worth waiting for.
  if (second.point.good == 0 && scene_.app_verdict()) abort.request_stop();
}

}  // namespace dyno::run
