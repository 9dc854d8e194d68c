#include "run/trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/pattern.h"
#include "base/quantity.h"
#include "base/text.h"
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
// Of user-defined networks: its name server listens in every container of them, on a port of its own.
constexpr std::string_view kEngineResolver = "127.0.0.11";
constexpr int kStampTries = 10;
constexpr Nanos kStampPause = std::chrono::milliseconds(20);
constexpr Nanos kReadinessSlice = std::chrono::milliseconds(200);
constexpr Nanos kEndIsTold = std::chrono::seconds(1);
constexpr Nanos kEndPoll = std::chrono::milliseconds(20);

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

// Where nobody took a connection it is said where the server listens instead.
TrialEnd Trial::end_unready(const std::string& why) const {
  const ports::LoadTarget target = scene_.target();
  const auto listeners = scene_.rig.host.sampler().listeners(target.netns_pid);
  std::string ports;
  std::string loopback;
  for (const ports::Listener& one : listeners.value_or(std::vector<ports::Listener>{})) {
    if (one.address == kEngineResolver) continue;
    const bool is_loopback = one.address.starts_with("127.") || one.address == "::1";
    if (one.port == target.port && is_loopback) loopback = one.address;
    if (one.port != target.port) ports += fmt::format("{}{}", ports.empty() ? "" : ", ", one.port);
  }
  if (!loopback.empty())
    return {TrialFailure::never_ready, fmt::format("{}; it listens on {} only, not on 0.0.0.0", why, loopback)};
  if (ports.empty()) return {TrialFailure::never_ready, why};
  return {TrialFailure::port_mismatch,
          fmt::format("it listens on port{} {}, not on {} ({})", ports.find(',') == std::string::npos ? "" : "s", ports,
                      target.port, is_own(scene_.the_case().stack) ? "run.port of its stack.yaml" : "PORT")};
}

// By TCP and by a line of the log it is asked without a path: whether it takes connections.
ports::ProbeSpec Trial::probe_spec() const {
  const model::Readiness& readiness = scene_.the_case().stack.readiness;
  const bool by_http = readiness.by == model::ReadyBy::http;
  return {.target = scene_.target(),
          .path = by_http ? readiness.path : "",
          .deep_path = by_http ? readiness.deep_path : "",
          .cpus = scene_.input.plan.placement.load_cpus};
}

TrialEnd Trial::end_without_answer(const ports::ProbeOutcome& outcome) const {
  const model::Stack& stack = scene_.the_case().stack;
  const model::Readiness& readiness = stack.readiness;
  const std::string within = format_duration(readiness.timeout);
  if (readiness.by != model::ReadyBy::http) {
    const std::string line = line_at_ ? "the line of its log came, but " : "";
    return end_unready(
        fmt::format("{}port {} (run.port of its stack.yaml) took no connection within {}; last attempt: {}", line,
                    stack.run.port, within, outcome.last_error));
  }
  const std::string path = outcome.good ? readiness.deep_path : readiness.path;
  // An attempt that still waits for its answer has no error; that of the one before tells of a time before the server listened.
  const bool is_silent = outcome.connected && outcome.last_error.starts_with("connect");
  const std::string& error = outcome.last_error;
  const std::string last = outcome.last_status > 0 ? fmt::format("last answer: status {}", outcome.last_status)
                           : is_silent             ? "it took the connection and said nothing"
                                                   : fmt::format("last attempt: {}", error.empty() ? "none" : error);
  const std::string key = !is_own(stack) ? ""
                          : outcome.good ? " (readiness.deep_path of its stack.yaml)"
                                         : " (readiness.path of its stack.yaml)";
  const std::string why =
      fmt::format("{}{} did not answer 2xx on port {} within {}; {}", path, key, stack.run.port, within, last);
  return outcome.connected ? TrialEnd{TrialFailure::never_ready, why} : end_unready(why);
}

TrialEnd Trial::end_without_line(std::int64_t lines, const std::string& last) const {
  const model::Readiness& readiness = scene_.the_case().stack.readiness;
  const std::string seen =
      lines == 0 ? "it wrote nothing"
                 : fmt::format("it wrote {} line{}, the last: {}", lines, lines == 1 ? "" : "s", visible(last, 200));
  return {TrialFailure::never_ready,
          fmt::format("no line of its output matched \"{}\" (readiness.pattern of its stack.yaml) within {}; {}",
                      readiness.pattern, format_duration(readiness.timeout), seen)};
}

// The line's time is the engine's, which reads it as soon as it is written; where that cannot be, because the engine's clock is another,
// it is that of our reading.
TrialStatus Trial::await_line() {
  const model::Readiness& readiness = scene_.the_case().stack.readiness;
  const auto pattern = Pattern::compile(readiness.pattern);
  if (!pattern) return end_trial(TrialFailure::never_ready, "readiness.pattern: " + pattern.error().message);
  Clock& clock = scene_.rig.host.clock();
  std::int64_t lines = 0;
  std::string last;
  const auto on_line = [&](const ports::LoggedLine& line) {
    ++lines;
    last = line.text;
    if (!pattern->is_found_in(line.text)) return true;
    const MonotonicTime now = clock.now();
    const MonotonicTime at = now - (clock.wall_now() - line.at);
    line_at_ = at < marks_.start_call || at > now ? now : at;
    return false;
  };
  const Nanos left = marks_.start_call + readiness.timeout - clock.now();
  const auto followed =
      scene_.rig.host.engine().follow_log(scene_.app->id(), on_line, std::max(left, kReadinessSlice), scene_.stop);
  if (line_at_) return {};
  if (scene_.stop.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
  if (auto end = scene_.app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
  if (!followed && followed.error().code != ErrorCode::timed_out)
    return scene_.machine_end_or(end_by_engine(followed.error(), TrialFailure::engine_lost).value());
  return scene_.machine_end_or(end_without_line(lines, last));
}

TrialStatus Trial::await_ready(ports::Probe& probe, std::optional<Nanos> known_before) {
  const model::Readiness& readiness = scene_.the_case().stack.readiness;
  if (readiness.by == model::ReadyBy::log) {
    if (auto done = await_line(); !done) return done;
  }
  const MonotonicTime deadline = marks_.start_call + readiness.timeout;
  while (true) {
    auto outcome = probe.await(std::min(deadline, scene_.rig.host.clock().now() + kReadinessSlice), scene_.stop);
    if (!outcome) return scene_.machine_end_or(end_by_loader(outcome.error()).value());
    marks_.listen = outcome->connected;
    marks_.first_good = outcome->good && line_at_ ? line_at_ : outcome->good;
    StartWindow& window = evidence_.start;
    if (outcome->good && !window.ready) {
      window.ready = scene_.read_host();
      const auto known = known_cpu(probe);
      if (known && known_before) window.known_cpu = *known - *known_before;
    }
    // A line of the log is told with its time: nothing is missed between two looks.
    if (!line_at_) window.probe_gap = outcome->good_gap;
    window.deep_gap = outcome->deep_gap;
    marks_.first_deep = outcome->deep;
    if (outcome->good && (outcome->deep || readiness.deep_path.empty())) return {};
    if (scene_.stop.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
    if (auto end = scene_.app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
    if (scene_.rig.host.clock().now() < deadline) continue;
    return scene_.machine_end_or(end_without_answer(*outcome));
  }
}

// The first reading of the CPU counter holds what the app used to start.
TrialStatus Trial::sample_app() {
  auto status = scene_.rig.host.engine().inspect_container(scene_.app->id());
  if (!status) return end_by_engine(status.error(), TrialFailure::engine_lost);
  scene_.sampled_until = scene_.rig.host.clock().now();
  auto sampling = scene_.rig.host.sampler().start(status->pid, scene_.input.plan.profile.memory.sample_every);
  if (!sampling) {
    // The engine learns a moment after the kernel that a process has ended.
    for (Nanos waited{}; waited <= kEndIsTold; waited += kEndPoll) {
      if (auto end = scene_.app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
      if (sampling.error().code != ErrorCode::not_found) break;
      if (auto paused = scene_.pause(kEndPoll); !paused) return paused;
    }
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
  VerificationRequest request;
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

// Of one of somebody's own nothing is known but what its own requests say.
TrialStatus Trial::verify() {
  if (is_own(scene_.the_case().stack)) return {};
  if (auto done = scene_.step(TrialStep::verifying); !done) return done;
  const VerificationRequest request = verification_request();
  auto bodies = verify_stack(scene_.rig, request, scene_.stop);
  if (!bodies) return app_end_or(tl::unexpected<TrialEnd>(std::move(bodies.error())));
  scene_.bodies = std::move(*bodies);
  if (!request.full) return {};
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
