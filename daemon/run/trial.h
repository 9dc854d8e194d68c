// One trial: one walk of one case through all its phases in a fresh app container, told to the journal step by step. Whatever
// happens, the containers are gone when run() returns. One thread; run() once.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/plan.h"
#include "model/run.h"
#include "run/phase_readings.h"
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
  std::vector<const ServiceContainer*> services{};  // those that the stack asks for; they outlive the trial
  bool full_verification = true;
};

struct TrialReport {
  model::TrialState state = model::TrialState::succeeded;
  model::TrialFailure failure = model::TrialFailure::none;
  bool verified = false;  // passed the contract's checks
  Nanos measured{};       // in measured windows
  bool ends_run = false;
  std::string reason;
};

class Trial {
 public:
  Trial(const Rig& rig, TrialInput input, const ProgressMeter& progress, std::stop_token stop);
  TrialReport run();

 private:
  TrialStatus walk();
  TrialStatus reset_services();
  TrialStatus start_up();
  TrialStatus evict();
  TrialStatus await_ready(ports::Probe& probe);
  TrialStatus idle();
  VerificationRequest verification_request() const;
  int connections_allowed() const;
  TrialStatus verify();
  TrialStatus verify_outages();
  TrialStatus app_end_or(TrialStatus status);
  TrialStatus load();
  TrialStatus sample_services();
  TrialStatus tell_what_is_not_offered(const std::vector<model::ProfilePhase>& offered);
  TrialStatus tell_not_measured(const std::string& phase, std::string reason);  // a cell that stays empty says why
  TrialStatus load_phase(const std::vector<model::ProfilePhase>& phases, std::size_t index);
  ports::LoadSpec load_spec(const std::vector<model::ProfilePhase>& phases, std::size_t index, Rate rate);
  TrialResult<PhaseReadings> read_phase(const model::ProfilePhase& phase, const ports::LoadSpec& spec);
  TrialStatus after_phase(const model::ProfilePhase& phase, const model::PhaseResult& result);
  TrialStatus retain();
  TrialStatus stop_app();

  TrialStatus journal(const model::RunEvent& event);
  TrialStatus step(model::TrialStep step, const std::string& phase = {});
  TrialStatus pause(Nanos duration);
  // The verdict on an app that is not running, or nothing while it runs.
  std::optional<TrialEnd> app_verdict();
  // The end of the trial by a service that runs no more; tells which in `services`.
  std::optional<TrialEnd> services_verdict(std::vector<ServiceReadings>& services) const;
  Result<Rate> resolve_rate(const model::ProfilePhase& phase) const;
  EdgeReading read_edge();
  std::optional<Nanos> read_control() const;
  std::vector<ServiceReadings> service_readings(const ports::LoadOutcome& load, const EdgeReading& begin,
                                                const EdgeReading& end,
                                                const std::vector<ports::SamplerCost>& cost_begin) const;
  bool shares_cpus(const model::ProfilePhase& phase) const;
  PhaseReadings readings_of(const model::ProfilePhase& phase, ports::LoadOutcome outcome);
  const model::Case& the_case() const;
  model::Progress progress_now(const std::string& step, const std::string& phase) const;
  void watch_second(const ports::LoadSecond& second, const model::ProfilePhase& phase, std::stop_source& abort);

  // Set once in the constructor.
  const Rig& rig_;
  TrialInput input_;
  const ProgressMeter& progress_;
  std::stop_token stop_;
  std::string id_;

  // The order of these is the order of making; destruction goes backwards: sampling, app, sandbox.
  std::optional<Sandbox> sandbox_;
  std::optional<ContainerGuard> app_;
  std::unique_ptr<ports::Sampling> sampling_;
  std::vector<std::unique_ptr<ports::Sampling>> service_sampling_;  // in the order of the input's services

  model::StartupMarks marks_;
  std::string last_gap_;                // why the last phase that was not measured was not
  std::map<std::string, double> caps_;  // `as` name → throughput found in this trial
  RightBodies bodies_;                  // seen in verification
  MonotonicTime sampled_until_{};
  std::optional<Nanos> stop_duration_;
  bool stop_forced_ = false;
  std::string output_;  // the app's last output, read when something went wrong
  TrialReport report_;
};

}  // namespace dyno::run
