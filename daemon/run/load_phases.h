// The load phases of a trial, one after the other: rate, load, counters at the window's edges, verdict, and what the result
// means for the rest of the trial. One thread; run() once.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "run/phase_readings.h"
#include "run/trial_scene.h"

namespace dyno::run {

// A phase in its place: what the load of it follows from.
struct PhaseInPlan {
  const model::Plan& plan;
  const model::PlannedTrial& planned;
  const std::vector<model::ProfilePhase>& phases;  // those of the stack, in their order
  std::size_t index = 0;
  Rate rate{};  // open loop
  ports::LoadTarget target{};
  bool shares_cpus = false;
};

// What the load generator is asked for. `bodies` are those that verification found right, by workload. Pure.
ports::LoadSpec load_spec(const PhaseInPlan& asked, RightBodies bodies);

class LoadPhases {
 public:
  // The scene has a running app, its sampling, and the bodies that verification saw.
  explicit LoadPhases(TrialScene& scene) : scene_(scene) {}

  // All phases of the profile; those that the stack is not asked for, or that could not be measured, are told with the reason.
  TrialStatus run();

 private:
  TrialStatus tell_what_is_not_offered(const std::vector<model::ProfilePhase>& offered);
  TrialStatus tell_not_measured(const std::string& phase, std::string reason);  // a cell that stays empty says why
  TrialStatus load_phase(const std::vector<model::ProfilePhase>& phases, std::size_t index);
  Result<Rate> resolve_rate(const model::ProfilePhase& phase) const;
  bool shares_cpus(const model::ProfilePhase& phase) const;
  TrialResult<PhaseReadings> read_phase(const model::ProfilePhase& phase, const ports::LoadSpec& spec);
  TrialResult<PhaseReadings> not_loaded(const ports::LoadFailure& failure);
  EdgeReading read_edge();
  std::optional<Nanos> read_control() const;
  void watch_second(const ports::LoadSecond& second, const model::ProfilePhase& phase, std::stop_source& abort);
  PhaseReadings readings_of(const model::ProfilePhase& phase, ports::LoadOutcome outcome);
  std::vector<ServiceReadings> service_readings(const ports::LoadOutcome& load, const EdgeReading& begin,
                                                const EdgeReading& end,
                                                const std::vector<ports::SamplerCost>& cost_begin) const;
  // What the services counted meanwhile, of those whose audit was begun.
  void end_audits(const std::vector<bool>& audited, PhaseReadings& readings) const;
  // The end of the trial by a service that runs no more; tells which in `services`.
  std::optional<TrialEnd> services_verdict(std::vector<ServiceReadings>& services) const;
  TrialStatus after_phase(const model::ProfilePhase& phase, const model::PhaseResult& result,
                          const ports::LoadOutcome& load);

  TrialScene& scene_;
  std::map<std::pair<std::string, std::string>, double> caps_;  // workload, `as` → throughput found in this trial
  std::string last_gap_;                                        // why the last phase that was not measured was not
  model::TrialFailure gaps_by_ = model::TrialFailure::hung;     // whose fault it is when none could be
  Nanos measured_{};                                            // in measured windows
};

}  // namespace dyno::run
