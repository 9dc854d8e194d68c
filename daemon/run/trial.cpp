#include "run/trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/text.h"
#include "run/plan.h"
#include "run/service_verification.h"
#include "run/verification.h"

namespace dyno::run {
namespace {

using model::TrialFailure;
using model::TrialStep;

constexpr Bytes kLogLimit = kib(64);
// A cache-cold start whose image is cached beyond this share is none.
constexpr double kWarmShareMax = 0.10;
constexpr Nanos kReadinessSlice = std::chrono::milliseconds(200);

TrialFailure failure_of_exit(const ports::ContainerStatus& status) {
  if (status.oom_killed) return TrialFailure::oom_killed;
  return status.exit_code == 0 ? TrialFailure::exited_early : TrialFailure::crashed;
}

}  // namespace

std::optional<TrialEnd> Trial::services_verdict(std::vector<ServiceReadings>& services) const {
  for (std::size_t i = 0; i < input_.services.size(); ++i) {
    auto running = input_.services[i]->running();
    if (running) continue;
    services[i].lost = true;
    return std::move(end_by_service(input_.services[i]->name(), std::move(running.error())).value());
  }
  return std::nullopt;
}

Trial::Trial(const Rig& rig, TrialInput input, const ProgressMeter& progress, std::stop_token stop)
    : rig_(rig),
      input_(std::move(input)),
      progress_(progress),
      stop_(std::move(stop)),
      id_(new_id(rig.clock.wall_now())) {}

TrialReport Trial::run() {
  const model::TrialStarted started{
      .trial_id = id_, .planned = input_.planned, .case_name = the_case().name, .stack = the_case().stack.name};
  TrialStatus outcome = journal(started);
  if (outcome) {
    outcome = walk();
    // A trial cut short shows what its app last said; a good one has nothing to explain.
    if (!outcome && app_ && !outcome.error().ends_run) {
      if (auto log = rig_.engine.container_log(app_->id(), kLogLimit)) output_ = without_exec_stamp(*log);
    }
    if (app_ && outcome) outcome = stop_app();
  }
  service_sampling_.clear();
  sampling_.reset();
  app_.reset();
  sandbox_.reset();

  model::TrialFinished finished;
  finished.trial_id = id_;
  finished.stop = stop_duration_;
  finished.stop_forced = stop_forced_;
  if (!outcome) {
    const TrialEnd& end = outcome.error();
    report_.failure = end.failure;
    report_.reason = end.reason;
    report_.ends_run = end.ends_run;
    report_.state = end.failure == TrialFailure::cancelled ? model::TrialState::cancelled : model::TrialState::failed;
  }
  finished.state = report_.state;
  finished.failure = report_.failure;
  finished.reason = report_.reason;
  finished.last_output = output_;
  if (auto written = journal(finished); !written) {
    report_.ends_run = true;
    report_.reason = written.error().reason;
  }
  return report_;
}

TrialStatus Trial::walk() {
  if (auto done = step(TrialStep::starting); !done) return done;
  if (auto done = reset_services(); !done) return done;
  if (auto done = start_up(); !done) return done;
  if (input_.planned.kind == model::TrialKind::startup) return {};
  if (auto done = idle(); !done) return done;
  if (auto done = verify(); !done) return done;
  if (auto done = load(); !done) return done;
  if (auto done = retain(); !done) return done;
  if (auto done = verify_outages(); !done) return done;
  report_.verified = true;
  return {};
}

TrialStatus Trial::reset_services() {
  for (const ServiceContainer* service : input_.services) {
    auto reset = service->reset(stop_);
    if (reset) {
      const model::ServiceReset event{.trial_id = id_, .service = service->name(), .duration = *reset};
      if (auto told = journal(event); !told) return told;
      continue;
    }
    return end_by_service(service->name(), std::move(reset.error()));
  }
  return {};
}

TrialStatus Trial::start_up() {
  const model::Placement& placement = input_.plan.placement;
  const std::string number = fmt::format("t{}", input_.planned.index);
  auto sandbox = Sandbox::start(rig_, input_.run_id, number + "-sandbox", input_.sandbox_image, input_.network_id,
                                model::cpu_list(placement.load_cpus));
  if (!sandbox) return end_from(sandbox.error(), TrialFailure::sandbox_lost);
  sandbox_.emplace(std::move(*sandbox));
  const model::Readiness& readiness = the_case().stack.readiness;
  auto probe = rig_.load.start_probe({.target = sandbox_->target(the_case().stack.run.port),
                                      .path = readiness.path,
                                      .deep_path = readiness.deep_path,
                                      .cpus = placement.load_cpus});
  if (!probe) return end_from(probe.error(), TrialFailure::loader_failed);

  marks_.kind = input_.planned.start_kind;
  marks_.sandbox = sandbox_->started_in();
  AppPlace place{input_.run_id, number + "-app", input_.app_image, sandbox_->container_id(), {}};
  for (const ServiceContainer* service : input_.services)
    place.service_env.insert(service->app_env().begin(), service->app_env().end());
  const auto spec = app_spec(rig_, place, the_case(), placement);
  if (marks_.kind == model::StartKind::cache_cold) {
    if (auto done = evict(); !done) return done;
  }
  marks_.create_call = rig_.clock.now();
  auto id = rig_.engine.create_container(spec);
  if (!id) return end_from(id.error(), TrialFailure::create_failed);
  app_.emplace(rig_.engine, std::move(*id));
  marks_.start_call = rig_.clock.now();
  if (auto started = rig_.engine.start_container(app_->id()); !started)
    return end_from(started.error(), TrialFailure::create_failed);

  auto ready = await_ready(**probe);
  if (auto log = rig_.engine.container_log(app_->id(), kLogLimit)) marks_.exec = exec_stamp(*log);
  auto told = journal(model::StartupMeasured{.trial_id = id_, .marks = marks_});
  return ready ? told : ready;
}

TrialStatus Trial::evict() {
  const auto outcome = rig_.engine.evict_image(input_.app_image);
  if (!outcome) return end_from(outcome.error(), TrialFailure::not_evicted);
  if (static_cast<double>(outcome->resident.value) <= kWarmShareMax * static_cast<double>(outcome->size.value))
    return {};
  return end_trial(TrialFailure::not_evicted,
                   fmt::format("the page cache kept {} of the image's {}: another process has them mapped",
                               format_bytes(outcome->resident), format_bytes(outcome->size)));
}

TrialStatus Trial::await_ready(ports::Probe& probe) {
  const model::Readiness& readiness = the_case().stack.readiness;
  const MonotonicTime deadline = marks_.start_call + readiness.timeout;
  while (true) {
    auto outcome = probe.await(std::min(deadline, rig_.clock.now() + kReadinessSlice), stop_);
    if (!outcome) return end_from(outcome.error(), TrialFailure::loader_failed);
    marks_.listen = outcome->connected;
    marks_.first_good = outcome->good;
    marks_.first_deep = outcome->deep;
    if (outcome->good && (outcome->deep || readiness.deep_path.empty())) return {};
    if (stop_.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
    if (auto end = app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
    if (rig_.clock.now() < deadline) continue;
    const std::string path = outcome->good ? readiness.deep_path : readiness.path;
    const std::string last =
        outcome->last_status > 0
            ? fmt::format("last answer: status {}", outcome->last_status)
            : fmt::format("last attempt: {}", outcome->last_error.empty() ? "none" : outcome->last_error);
    return end_trial(TrialFailure::never_ready,
                     fmt::format("{} did not answer 2xx on port {} within {}; {}", path, the_case().stack.run.port,
                                 format_duration(readiness.timeout), last));
  }
}

TrialStatus Trial::idle() {
  if (auto done = step(TrialStep::idle); !done) return done;
  auto status = rig_.engine.inspect_container(app_->id());
  if (!status) return end_from(status.error(), TrialFailure::engine_lost);
  sampled_until_ = rig_.clock.now();
  auto sampling = rig_.sampler.start(status->pid, input_.plan.profile.memory.sample_every);
  if (!sampling) {
    if (auto end = app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
    return end_trial(TrialFailure::engine_lost, "sampling the app: " + sampling.error().message);
  }
  sampling_ = std::move(*sampling);
  if (auto done = sample_services(); !done) return done;
  if (auto done = pause(input_.plan.profile.memory.idle); !done) return done;
  if (auto end = app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
  auto memory = sampling_->read_memory(true);
  if (!memory) return end_trial(TrialFailure::engine_lost, "reading the idle memory: " + memory.error().message);
  return journal(model::MemoryMeasured{.trial_id = id_, .moment = model::MemoryMoment::idle, .reading = *memory});
}

TrialStatus Trial::sample_services() {
  for (const ServiceContainer* service : input_.services) {
    auto sampling = service->sample(input_.plan.profile.memory.sample_every);
    if (!sampling)
      return end_from(with_context(std::move(sampling.error()), "sampling the service " + service->name()),
                      TrialFailure::service_lost);
    service_sampling_.push_back(std::move(*sampling));
  }
  return {};
}

VerificationRequest Trial::verification_request() const {
  VerificationRequest request;
  request.target = sandbox_->target(the_case().stack.run.port);
  request.full = input_.full_verification;
  request.workloads = workloads_in(phases_for(the_case().stack, input_.plan.profile));
  // Verification draws its own random values, never those of the load.
  request.seed = input_.plan.seed ^ (0xC0FFEEULL + static_cast<std::uint64_t>(input_.planned.index));
  return request;
}

int Trial::connections_allowed() const {
  return input_.plan.profile.database.value_or(model::DatabaseRequest{}).connections;
}

// A server that died while it was asked is a crash, whatever the last check saw.
TrialStatus Trial::app_end_or(TrialStatus status) {
  if (auto end = app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
  return status;
}

TrialStatus Trial::verify() {
  if (auto done = step(TrialStep::verifying); !done) return done;
  const VerificationRequest request = verification_request();
  auto bodies = verify_stack(rig_, request, stop_);
  if (!bodies) return app_end_or(tl::unexpected<TrialEnd>(std::move(bodies.error())));
  bodies_ = std::move(*bodies);
  if (!request.full) return {};
  for (const ServiceContainer* service : input_.services) {
    if (auto done = verify_behind(rig_, request, *service, connections_allowed(), stop_); !done)
      return app_end_or(std::move(done));
  }
  return {};
}

// Last of all: it leaves the stack with other connections than those it was measured with.
TrialStatus Trial::verify_outages() {
  const bool any = std::any_of(input_.services.begin(), input_.services.end(),
                               [](const ServiceContainer* s) { return s->described().verification.has_value(); });
  if (!any || !input_.full_verification) return {};
  if (auto told = step(TrialStep::verifying); !told) return told;
  const VerificationRequest request = verification_request();
  for (const ServiceContainer* service : input_.services) {
    if (auto done = verify_outage(rig_, request, *service, stop_); !done) return app_end_or(std::move(done));
  }
  return {};
}

TrialStatus Trial::load() {
  const auto phases = phases_for(the_case().stack, input_.plan.profile);
  if (phases.empty()) return end_trial(TrialFailure::loader_failed, "the stack offers no workload of this profile");
  if (auto told = tell_what_is_not_offered(phases); !told) return told;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (auto done = load_phase(phases, i); !done) return done;
  }
  if (report_.measured > Nanos(0)) return {};
  return end_trial(TrialFailure::hung, "no phase could be measured: " + last_gap_);
}

TrialStatus Trial::tell_not_measured(const std::string& phase, std::string reason) {
  last_gap_ = reason;
  model::PhaseResult result;
  result.phase = phase;
  result.window_begin = result.window_end = rig_.clock.now();
  result.absent["throughput_per_s"] = std::move(reason);
  return journal(model::PhaseFinished{.trial_id = id_, .result = result});
}

TrialStatus Trial::tell_what_is_not_offered(const std::vector<model::ProfilePhase>& offered) {
  for (const model::ProfilePhase& phase : input_.plan.profile.phases) {
    if (std::any_of(offered.begin(), offered.end(), [&](const auto& p) { return p.name == phase.name; })) continue;
    const auto why_not = [&](model::Workload workload) {
      return why_not_asked(the_case().stack, input_.plan.profile.mode, workload);
    };
    std::string reason = why_not(phase.workload);
    if (reason.empty() && phase.beside) reason = why_not(phase.beside->workload);
    if (auto told = tell_not_measured(phase.name, std::move(reason)); !told) return told;
  }
  return {};
}

TrialStatus Trial::retain() {
  if (auto done = step(TrialStep::retaining); !done) return done;
  if (auto done = pause(input_.plan.profile.memory.after); !done) return done;
  if (auto end = app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
  auto memory = sampling_->read_memory(true);
  if (!memory) return end_trial(TrialFailure::engine_lost, "reading the memory after load: " + memory.error().message);
  return journal(model::MemoryMeasured{.trial_id = id_,
                                       .moment = model::MemoryMoment::retained,
                                       .reading = *memory,
                                       .samples = sampling_->samples_since(sampled_until_)});
}

// A stop that fails costs the stop time alone: the guards remove the container all the same.
TrialStatus Trial::stop_app() {
  if (auto told = step(TrialStep::stopping); !told) return told;
  if (auto stopped = rig_.engine.stop_container(app_->id(), the_case().stack.run.stop_grace)) {
    stop_duration_ = stopped->duration;
    stop_forced_ = stopped->forced;
  }
  return {};
}

TrialStatus Trial::journal(const model::RunEvent& event) {
  auto written = rig_.journal.append(input_.run_id, rig_.clock.wall_now(), event);
  if (!written) return end_run("writing the journal: " + written.error().message);
  return {};
}

TrialStatus Trial::step(TrialStep which, const std::string& phase) {
  if (stop_.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
  return journal(model::TrialStepped{
      .trial_id = id_, .step = which, .phase = phase, .progress = progress_now(std::string(to_string(which)), phase)});
}

TrialStatus Trial::pause(Nanos duration) {
  if (wait_for(rig_.clock, duration, stop_) == WaitOutcome::stopped)
    return end_trial(TrialFailure::cancelled, "cancelled");
  return {};
}

std::optional<TrialEnd> Trial::app_verdict() {
  auto status = rig_.engine.inspect_container(app_->id());
  if (!status) {
    if (status.error().code == ErrorCode::not_found)
      return TrialEnd{TrialFailure::crashed, "the app's container was removed by somebody else", false};
    return end_from(status.error(), TrialFailure::engine_lost).value();
  }
  if (status->state == "running") return std::nullopt;
  const TrialFailure failure = failure_of_exit(*status);
  if (failure == TrialFailure::oom_killed) {
    return TrialEnd{failure,
                    fmt::format("killed for memory at its limit of {}", format_bytes(the_case().stack.limits.memory)),
                    false};
  }
  const std::string because = status->error.empty() ? std::string() : ": " + status->error;
  return TrialEnd{failure, fmt::format("the server ended with exit code {}{}", status->exit_code, because), false};
}

const model::Case& Trial::the_case() const {
  return input_.plan.cases[static_cast<std::size_t>(input_.planned.case_index)];
}

model::Progress Trial::progress_now(const std::string& step, const std::string& phase) const {
  return progress_.at(rig_.clock.now(), rig_.clock.wall_now(), input_.planned.block, the_case().name, step, phase);
}

}  // namespace dyno::run
