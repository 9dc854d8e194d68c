// What the parts of a trial share: its input, the containers and samplings that live while it goes on, and its voice in the
// journal. Ends what it holds in the opposite order of making. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/plan.h"
#include "model/run.h"
#include "model/run_event.h"
#include "run/progress.h"
#include "run/rig.h"
#include "run/sandbox.h"
#include "run/service_container.h"
#include "run/trial_end.h"
#include "run/verification.h"

namespace dyno::run {

struct TrialInput {
  std::string run_id;
  const model::Plan& plan;
  model::PlannedTrial planned;
  std::string app_image;
  std::string sandbox_image;
  std::string network_id;
  std::vector<ServiceContainer*> services{};  // those that the stack asks for; they outlive the trial
  bool full_verification = true;
  // Asked after a stop: whether it is the daemon that ends, so that the trial is cut off instead of cancelled.
  std::function<bool()> is_interrupted = [] { return false; };
};

struct TrialScene {
  TrialScene(const Rig& the_rig, TrialInput the_input, const ProgressMeter& meter, std::stop_token token);

  const model::Case& the_case() const;
  ports::LoadTarget target() const;  // needs the sandbox
  int connections_allowed() const;   // of each service, to the app
  std::int64_t users() const;        // rows of that table in the run's database

  Nanos wall_offset() const;                            // of the wall clock from the monotonic one
  std::optional<ports::HostReading> read_host() const;  // stolen time: of the CPUs of app and load generator

  // Of the daemon, the services and, once it is sampled, the app; absent: one is not known.
  std::optional<Nanos> own_cpu() const;
  std::optional<CpuUse> cpu_use() const;

  TrialStatus tell(const model::RunEvent& event) const;
  // Cancelled when a stop was requested.
  TrialStatus step(model::TrialStep step, const std::string& phase = {}) const;
  TrialStatus pause(Nanos duration) const;
  model::Progress progress_now(const std::string& step, const std::string& phase) const;
  // The end of the trial by an app that is not running, or nothing while it runs. Where the sandbox went first, that is said.
  std::optional<TrialEnd> app_verdict() const;
  // The same as a failure. `has_ended`: its process or its output has, which the engine learns a moment later: waits for up to 1 s.
  TrialStatus see_app(bool has_ended) const;
  // The end by the sandbox: an app outlives it, but nobody reaches it any more.
  std::optional<TrialEnd> sandbox_verdict() const;
  // Either, once something went wrong.
  std::optional<TrialEnd> verdict() const;
  // `end`, unless it came of a sandbox that is gone.
  TrialStatus machine_end_or(TrialEnd end) const;
  // Ends samplings and containers now, in the order of destruction.
  void leave();

  // Set once in the constructor.
  const Rig& rig;
  const TrialInput input;
  const ProgressMeter& progress;
  const std::stop_token stop;
  const std::string id;

  // The order of these is the order of making; destruction goes backwards: sampling, app, sandbox.
  std::optional<Sandbox> sandbox;
  std::optional<ContainerGuard> app;
  std::unique_ptr<ports::Sampling> sampling;
  std::vector<std::unique_ptr<ports::Sampling>> service_sampling;  // in the order of the input's services

  MonotonicTime sampled_until{};  // samples before it are told
  RightBodies bodies;             // seen in verification
};

}  // namespace dyno::run
