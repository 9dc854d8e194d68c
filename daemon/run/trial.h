// One trial: one walk of one case through all its phases in a fresh app container, told to the journal step by step. Whatever
// happens, the containers are gone when run() returns. One thread; run() once.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "model/run.h"
#include "run/trial_readings.h"
#include "run/trial_scene.h"

namespace dyno::run {

struct TrialReport {
  model::TrialState state = model::TrialState::succeeded;
  model::TrialFailure failure = model::TrialFailure::none;
  bool verified = false;  // passed the contract's checks
  Reach reach = Reach::trial;
  std::string reason;
};

class Trial {
 public:
  Trial(const Rig& rig, TrialInput input, const ProgressMeter& progress, std::stop_token stop)
      : scene_(rig, std::move(input), progress, std::move(stop)) {}
  TrialReport run();

 private:
  TrialStatus walk();
  TrialStatus reset_services();
  TrialStatus start_up();
  void read_stamp();
  TrialStatus evict();
  ports::ProbeSpec probe_spec() const;
  TrialEnd end_unready(const std::string& why) const;
  TrialStatus await_line();
  TrialEnd end_without_line(std::int64_t lines, const std::string& last) const;
  TrialEnd end_without_answer(const ports::ProbeOutcome& outcome) const;
  TrialStatus await_ready(ports::Probe& probe, std::optional<Nanos> known_before);
  std::optional<Nanos> known_cpu(const ports::Probe& probe) const;
  TrialStatus idle();
  TrialStatus sample_app();
  TrialStatus sample_services();
  TrialStatus be_quiet(Nanos duration, QuietMoment& moment);
  VerificationRequest verification_request() const;
  TrialStatus verify();
  TrialStatus verify_outages();
  TrialStatus app_end_or(TrialStatus status) const;
  TrialStatus retain();
  TrialStatus stop_app();

  TrialScene scene_;
  model::StartupMarks marks_;
  TrialEvidence evidence_;                // for the trial's own readings, which are made at its end
  std::optional<MonotonicTime> line_at_;  // readiness by log: when the line was written
  bool stop_forced_ = false;
  std::string output_;  // the app's last output, read when something went wrong
  TrialReport report_;
};

}  // namespace dyno::run
