#include "run/trial_scene.h"

#include <fmt/format.h>

#include "base/id.h"
#include "base/quantity.h"

namespace dyno::run {
namespace {

using model::TrialFailure;

constexpr Nanos kEndIsTold = std::chrono::seconds(1);
constexpr Nanos kEndPoll = std::chrono::milliseconds(20);

TrialFailure failure_of_exit(const ports::ContainerStatus& status) {
  if (status.oom_killed) return TrialFailure::oom_killed;
  return status.exit_code == 0 ? TrialFailure::exited_early : TrialFailure::crashed;
}

}  // namespace

TrialScene::TrialScene(const Rig& the_rig, TrialInput the_input, const ProgressMeter& meter, std::stop_token token)
    : rig(the_rig),
      input(std::move(the_input)),
      progress(meter),
      stop(std::move(token)),
      id(new_id(the_rig.host.clock().wall_now())) {}

const model::Case& TrialScene::the_case() const {
  return input.plan.cases[static_cast<std::size_t>(input.planned.case_index)];
}

ports::LoadTarget TrialScene::target() const { return sandbox->target(the_case().stack.run.port); }

int TrialScene::connections_allowed() const {
  return input.plan.profile.database.value_or(model::DatabaseRequest{}).connections;
}

std::int64_t TrialScene::users() const { return input.plan.profile.database.value_or(model::DatabaseRequest{}).users; }

Nanos TrialScene::wall_offset() const {
  return rig.host.clock().wall_now().time_since_epoch() - rig.host.clock().now().time_since_epoch();
}

std::optional<ports::HostReading> TrialScene::read_host() const {
  std::vector<int> cpus = input.plan.placement.app_cpus;
  cpus.insert(cpus.end(), input.plan.placement.load_cpus.begin(), input.plan.placement.load_cpus.end());
  const auto reading = rig.host.sampler().read_host(cpus);
  return reading ? std::optional(*reading) : std::nullopt;
}

std::optional<Nanos> TrialScene::own_cpu() const {
  Nanos sum = rig.host.own_cpu();
  const auto add = [&sum](ports::Sampling& one) {
    const auto read = one.read_cpu();
    if (read) sum += read->cpu;
    return read.has_value();
  };
  for (const auto& service : service_sampling) {
    if (!add(*service)) return std::nullopt;
  }
  if (sampling && !add(*sampling)) return std::nullopt;
  return sum;
}

std::optional<CpuUse> TrialScene::cpu_use() const {
  const auto host = read_host();
  const auto own = own_cpu();
  if (!host || !own) return std::nullopt;
  return CpuUse{host->at, host->busy + host->steal, *own};
}

TrialStatus TrialScene::tell(const model::RunEvent& event) const {
  auto written = rig.journal.append(input.run_id, rig.host.clock().wall_now(), event);
  if (!written) return end_by_journal(written.error());
  return {};
}

TrialStatus TrialScene::step(model::TrialStep which, const std::string& phase) const {
  if (stop.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
  return tell(model::TrialStepped{
      .trial_id = id, .step = which, .phase = phase, .progress = progress_now(std::string(to_string(which)), phase)});
}

TrialStatus TrialScene::pause(Nanos duration) const {
  if (wait_for(rig.host.clock(), duration, stop) == WaitOutcome::stopped)
    return end_trial(TrialFailure::cancelled, "cancelled");
  return {};
}

std::optional<TrialEnd> TrialScene::app_verdict() const {
  auto status = rig.host.engine().inspect_container(app->id());
  if (!status) {
    if (ports::fault_of(status.error()) == ports::EngineFault::missing)
      return TrialEnd{TrialFailure::interfered, "the app's container was removed by somebody else", Reach::trial};
    return end_by_engine(status.error(), TrialFailure::engine_lost).value();
  }
  if (status->state == "running") return std::nullopt;
  if (auto end = sandbox_verdict()) {
    if (end->failure == TrialFailure::sandbox_lost && ports::was_stopped(*status))
      return cut_off("the container engine ended all containers of the trial, as one does that is started again");
    return end;
  }
  if (status->state == "paused")
    return TrialEnd{TrialFailure::interfered, "the app's container was paused by somebody else", Reach::trial};
  const TrialFailure failure = failure_of_exit(*status);
  if (failure == TrialFailure::oom_killed) {
    return TrialEnd{failure,
                    fmt::format("killed for memory at its limit of {}", format_bytes(the_case().stack.limits.memory)),
                    Reach::trial};
  }
  const std::string because = status->error.empty() ? std::string() : ": " + status->error;
  return TrialEnd{failure, fmt::format("the server ended with exit code {}{}", status->exit_code, because),
                  Reach::trial};
}

TrialStatus TrialScene::see_app(bool has_ended) const {
  for (Nanos waited{}; waited <= kEndIsTold; waited += kEndPoll) {
    if (auto end = app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
    if (!has_ended) return {};
    if (auto paused = pause(kEndPoll); !paused) return paused;
  }
  return {};
}

std::optional<TrialEnd> TrialScene::sandbox_verdict() const {
  auto status = rig.host.engine().inspect_container(sandbox->container_id());
  if (!status && ports::fault_of(status.error()) != ports::EngineFault::missing)
    return end_by_engine(status.error(), TrialFailure::engine_lost).value();
  if (status && status->state == "running") return std::nullopt;
  const std::string what = status ? fmt::format("is {} with exit code {}", status->state, status->exit_code)
                                  : "was removed by somebody else";
  return TrialEnd{TrialFailure::sandbox_lost, "the sandbox that holds the app's network " + what, Reach::trial};
}

std::optional<TrialEnd> TrialScene::verdict() const {
  auto end = app_verdict();
  return end ? end : sandbox_verdict();
}

TrialStatus TrialScene::machine_end_or(TrialEnd end) const {
  if (auto lost = sandbox_verdict()) return tl::unexpected<TrialEnd>(std::move(*lost));
  return tl::unexpected<TrialEnd>(std::move(end));
}

void TrialScene::leave() {
  service_sampling.clear();
  sampling.reset();
  app.reset();
  sandbox.reset();
}

model::Progress TrialScene::progress_now(const std::string& step, const std::string& phase) const {
  return progress.at(rig.host.clock().now(), rig.host.clock().wall_now(), input.planned.block, the_case().name, step,
                     phase);
}

}  // namespace dyno::run
