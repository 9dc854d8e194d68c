#include "run/trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"
#include "run/load_phases.h"
#include "run/plan.h"
#include "run/service_verification.h"

namespace dyno::run {
namespace {

using model::TrialFailure;
using model::TrialStep;

constexpr Bytes kServerLog = kib(64);
// A cache-cold start whose image is cached beyond this share is none.
constexpr double kWarmShareMax = 0.10;
constexpr int kStampTries = 10;
constexpr Nanos kStampPause = std::chrono::milliseconds(20);

// What is not on record has not been measured.
TrialReport untold(const TrialEnd& end) {
  return {.state = model::TrialState::interrupted,
          .failure = end.failure,
          .verified = false,
          .reach = end.reach,
          .reason = end.reason};
}

}  // namespace

TrialReport Trial::run() {
  const model::TrialStarted started{.trial_id = scene_.id,
                                    .planned = scene_.input.planned,
                                    .case_name = scene_.the_case().name,
                                    .stack = scene_.the_case().stack.name};
  if (auto told = scene_.tell(started); !told) return untold(told.error());
  TrialStatus outcome = walk();
  // A trial cut short shows what its app last said; a good one has nothing to explain.
  if (!outcome && scene_.app && outcome.error().reach == Reach::trial) {
    if (auto log = scene_.rig.host.engine().container_log(scene_.app->id(), kServerLog)) output_ = std::move(*log);
  }
  if (scene_.app && outcome) outcome = stop_app();
  scene_.leave();

  model::TrialFinished finished;
  finished.trial_id = scene_.id;
  finished.stop = evidence_.stop;
  finished.stop_forced = stop_forced_;
  if (!outcome) {
    const TrialEnd& end = outcome.error();
    report_.failure = end.failure;
    report_.reason = end.reason;
    report_.reach = end.reach;
    report_.state = end.failure == TrialFailure::cancelled ? model::TrialState::cancelled : model::TrialState::failed;
    if (report_.state == model::TrialState::cancelled && scene_.input.is_interrupted()) {
      report_.state = model::TrialState::interrupted;
      report_.failure = TrialFailure::none;
      report_.reason = "the daemon was stopped";
    }
    const bool is_cut_off = report_.reach == Reach::engine || report_.reach == Reach::journal;
    if (is_cut_off) report_.state = model::TrialState::interrupted;
  }
  finished.state = report_.state;
  finished.failure = report_.failure;
  finished.reason = report_.reason;
  finished.last_output = output_;
  evidence_.kind = scene_.input.planned.kind;
  evidence_.has_deep_path = !scene_.the_case().stack.readiness.deep_path.empty();
  if (report_.failure != TrialFailure::none) evidence_.cut_short = to_string(report_.failure);
  if (report_.state == model::TrialState::interrupted) evidence_.cut_short = to_string(report_.state);
  TrialReadings own = read_trial(evidence_);
  finished.readings = std::move(own.readings);
  finished.verdict = std::move(own.verdict);
  if (auto told = scene_.tell(finished); !told) return untold(told.error());
  return report_;
}

TrialStatus Trial::walk() {
  if (auto done = scene_.step(TrialStep::starting); !done) return done;
  if (auto done = reset_services(); !done) return done;
  // From before the start, so that it is known what the services did meanwhile.
  if (auto done = sample_services(); !done) return done;
  if (auto done = start_up(); !done) return done;
  if (scene_.input.planned.kind == model::TrialKind::startup) {
    // For its CPU time alone, which tells whether others used the machine; without it the start counts all the same.
    static_cast<void>(sample_app());
    return {};
  }
  if (auto done = idle(); !done) return done;
  if (auto done = verify(); !done) return done;
  if (auto done = LoadPhases(scene_).run(); !done) return done;
  if (auto done = retain(); !done) return done;
  if (auto done = verify_outages(); !done) return done;
  report_.verified = true;
  return {};
}

TrialStatus Trial::reset_services() {
  for (ServiceContainer* service : scene_.input.services) {
    auto reset = service->reset(scene_.stop);
    if (reset) {
      const model::ServiceReset event{.trial_id = scene_.id, .service = service->name(), .duration = *reset};
      if (auto told = scene_.tell(event); !told) return told;
      continue;
    }
    return end_by_service(service->name(), reset.error());
  }
  return {};
}

TrialStatus Trial::start_up() {
  const model::Placement& placement = scene_.input.plan.placement;
  const model::PlannedTrial& planned = scene_.input.planned;
  const std::string number =
      planned.attempt == 1 ? fmt::format("t{}", planned.index) : fmt::format("t{}a{}", planned.index, planned.attempt);
  SandboxPlace ground{scene_.input.run_id, number + "-sandbox", scene_.input.sandbox_image, scene_.input.network_id,
                      model::cpu_list(placement.load_cpus)};
  for (const ServiceContainer* service : scene_.input.services)
    ground.hosts[host_name(service->described())] = service->address();
  auto sandbox = Sandbox::start(scene_.rig, ground);
  if (!sandbox) return end_by_engine(sandbox.error(), TrialFailure::sandbox_lost);
  scene_.sandbox.emplace(std::move(*sandbox));
  auto probe = scene_.rig.host.load().start_probe(probe_spec());
  if (!probe) return end_by_loader(probe.error());

  marks_.kind = scene_.input.planned.start_kind;
  marks_.sandbox = scene_.sandbox->started_in();
  AppPlace place{scene_.input.run_id, number + "-app", scene_.input.app_image, scene_.sandbox->container_id(), {}};
  for (const ServiceContainer* service : scene_.input.services)
    place.service_env.insert(service->app_env().begin(), service->app_env().end());
  const auto spec = app_spec(scene_.rig, place, scene_.the_case(), placement);
  if (marks_.kind == model::StartKind::cache_cold) {
    if (auto done = evict(); !done) return done;
  }
  StartWindow& window = evidence_.start;
  window.cpus = static_cast<int>(placement.app_cpus.size() + placement.load_cpus.size());
  window.before = scene_.read_host();
  const Nanos wall_before = scene_.wall_offset();
  marks_.create_call = scene_.rig.host.clock().now();
  auto id = scene_.rig.host.engine().create_container(spec);
  if (!id) return scene_.machine_end_or(end_by_creation(id.error()).value());
  scene_.app.emplace(scene_.rig.host.engine(), std::move(*id));
  marks_.start_call = scene_.rig.host.clock().now();
  if (auto started = scene_.rig.host.engine().start_container(scene_.app->id()); !started)
    return scene_.machine_end_or(end_by_creation(started.error()).value());
  window.started = scene_.read_host();

  auto ready = await_ready(**probe, known_cpu(**probe));
  window.wall_shift = std::chrono::abs(scene_.wall_offset() - wall_before);
  read_stamp();
  evidence_.marks = marks_;
  auto told = scene_.tell(model::StartupMeasured{.trial_id = scene_.id, .marks = marks_});
  return ready ? told : ready;
}

// A server that answers within milliseconds may be ahead of what the sandbox prints meanwhile.
void Trial::read_stamp() {
  ExecStamp stamp;
  for (int tries = 0; tries < kStampTries; ++tries) {
    if (tries > 0 && !scene_.pause(kStampPause)) break;
    const auto log = scene_.rig.host.engine().container_log(scene_.sandbox->container_id(), kServerLog);
    if (!log) break;
    stamp = exec_stamp(*log);
    if (stamp.at || !stamp.absent.empty()) break;
  }
  const auto& good = marks_.first_good;
  if (stamp.at && (*stamp.at < marks_.start_call || (good && *stamp.at > *good)))
    stamp = {{}, "the process start that the sandbox was told lies outside of the start"};
  marks_.exec = stamp.at;
  evidence_.no_stamp = stamp.absent;
}

TrialStatus Trial::evict() {
  const auto outcome = scene_.rig.host.engine().evict_image(scene_.input.app_image);
  if (!outcome) return end_by_engine(outcome.error(), TrialFailure::not_evicted);
  if (static_cast<double>(outcome->resident.value) <= kWarmShareMax * static_cast<double>(outcome->size.value))
    return {};
  return end_trial(TrialFailure::not_evicted,
                   fmt::format("the page cache kept {} of the image's {}: another process has them mapped",
                               format_bytes(outcome->resident), format_bytes(outcome->size)));
}

// CPU time so far of all but the app that is known to be at work during a start.
std::optional<Nanos> Trial::known_cpu(const ports::Probe& probe) const {
  const auto of_probe = probe.cpu_time();
  const auto own = scene_.own_cpu();
  if (!of_probe || !own) return std::nullopt;
  return *own + *of_probe;
}

// The first reading of the CPU counter holds what the app used to start.
TrialStatus Trial::sample_app() {
  auto status = scene_.rig.host.engine().inspect_container(scene_.app->id());
  if (!status) return end_by_engine(status.error(), TrialFailure::engine_lost);
  scene_.sampled_until = scene_.rig.host.clock().now();
  auto sampling = scene_.rig.host.sampler().start(status->pid, scene_.input.plan.profile.memory.sample_every);
  if (!sampling) {
    if (auto seen = scene_.see_app(sampling.error().code == ErrorCode::not_found); !seen) return seen;
    return end_trial(TrialFailure::engine_lost, "sampling the app: " + sampling.error().message);
  }
  scene_.sampling = std::move(*sampling);
  if (const auto cpu = scene_.sampling->read_cpu()) evidence_.start.app_cpu = cpu->cpu;
  return {};
}

// The monotonic clock does not see that the machine slept; the wall clock does.
TrialStatus Trial::be_quiet(Nanos duration, QuietMoment& moment) {
  const MonotonicTime begin = scene_.rig.host.clock().now();
  const Nanos wall_begin = scene_.wall_offset();
  auto paused = scene_.pause(duration);
  const Nanos waited = scene_.rig.host.clock().now() - begin;
  moment.asked = duration;
  moment.waited = std::max(waited, waited + scene_.wall_offset() - wall_begin);
  return paused;
}

TrialStatus Trial::idle() {
  if (auto done = scene_.step(TrialStep::idle); !done) return done;
  if (auto done = sample_app(); !done) return done;
  if (auto done = be_quiet(scene_.input.plan.profile.memory.idle, evidence_.idle); !done) return done;
  if (auto end = scene_.app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
  auto memory = scene_.sampling->read_memory(true);
  if (!memory) return end_trial(TrialFailure::engine_lost, "reading the idle memory: " + memory.error().message);
  evidence_.idle.memory = *memory;
  return scene_.tell(
      model::MemoryMeasured{.trial_id = scene_.id, .moment = model::MemoryMoment::idle, .reading = *memory});
}

TrialStatus Trial::sample_services() {
  for (const ServiceContainer* service : scene_.input.services) {
    auto sampling = service->sample(scene_.input.plan.profile.memory.sample_every);
    if (!sampling) return end_by_service(service->name(), sampling.error());
    scene_.service_sampling.push_back(std::move(*sampling));
  }
  return {};
}

VerificationRequest Trial::verification_request() const {
  VerificationRequest request{.stack = scene_.the_case().stack};
  request.target = scene_.target();
  request.full = scene_.input.full_verification;
  request.users = scene_.users();
  request.cpu_use = [this] { return scene_.cpu_use(); };
  request.workloads = workloads_in(phases_for(scene_.the_case().stack, scene_.input.plan.profile));
  // Verification draws its own random values, never those of the load.
  request.seed = scene_.input.plan.seed ^ (0xC0FFEEULL + static_cast<std::uint64_t>(scene_.input.planned.index));
  return request;
}

// A server that died while it was asked is a crash, whatever the last check saw.
TrialStatus Trial::app_end_or(TrialStatus status) const {
  if (auto end = scene_.verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
  return status;
}

TrialStatus Trial::verify() {
  const bool is_unknown = is_own(scene_.the_case().stack) && scene_.the_case().stack.workloads.empty();
  if (is_unknown) return {};
  if (auto done = scene_.step(TrialStep::verifying); !done) return done;
  const VerificationRequest request = verification_request();
  auto bodies = verify_stack(scene_.rig, request, scene_.stop);
  if (!bodies) return app_end_or(tl::unexpected<TrialEnd>(std::move(bodies.error())));
  scene_.bodies = std::move(*bodies);
  if (!request.full || is_own(scene_.the_case().stack)) return {};
  for (const ServiceContainer* service : scene_.input.services) {
    if (auto done = verify_behind(scene_.rig, request, *service, scene_.connections_allowed(), scene_.stop); !done)
      return app_end_or(std::move(done));
  }
  return {};
}

// Last of all: it leaves the stack with other connections than those it was measured with.
TrialStatus Trial::verify_outages() {
  if (is_own(scene_.the_case().stack)) return {};
  const bool any = std::any_of(scene_.input.services.begin(), scene_.input.services.end(),
                               [](const ServiceContainer* s) { return s->described().verification.has_value(); });
  if (!any || !scene_.input.full_verification) return {};
  if (auto told = scene_.step(TrialStep::verifying); !told) return told;
  const VerificationRequest request = verification_request();
  for (const ServiceContainer* service : scene_.input.services) {
    if (auto done = verify_outage(scene_.rig, request, *service, scene_.stop); !done)
      return app_end_or(std::move(done));
  }
  return {};
}

TrialStatus Trial::retain() {
  if (auto done = scene_.step(TrialStep::retaining); !done) return done;
  const bool peak_is_of_now = scene_.sampling->reset_peak().has_value();
  if (auto done = be_quiet(scene_.input.plan.profile.memory.after, evidence_.retained); !done) return done;
  if (auto end = scene_.app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
  auto memory = scene_.sampling->read_memory(true);
  if (!memory) return end_trial(TrialFailure::engine_lost, "reading the memory after load: " + memory.error().message);
  if (!peak_is_of_now) memory->cgroup_peak.reset();
  evidence_.retained.memory = *memory;
  return scene_.tell(model::MemoryMeasured{.trial_id = scene_.id,
                                           .moment = model::MemoryMoment::retained,
                                           .reading = *memory,
                                           .samples = scene_.sampling->samples_since(scene_.sampled_until)});
}

// A stop that fails costs the stop time alone: the guards remove the container all the same.
TrialStatus Trial::stop_app() {
  if (auto told = scene_.step(TrialStep::stopping); !told) return told;
  if (auto stopped =
          scene_.rig.host.engine().stop_container(scene_.app->id(), scene_.the_case().stack.run.stop_grace)) {
    evidence_.stop = stopped->duration;
    stop_forced_ = stopped->forced;
  }
  return {};
}

}  // namespace dyno::run
