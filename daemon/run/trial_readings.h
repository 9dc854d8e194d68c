// The readings of a trial apart from its phases: start, memory at rest before and after the load, stop. Made, judged and told
// once, at the trial's end. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "model/measurement.h"
#include "model/plan.h"
#include "ports/sampler.h"

namespace dyno::run {

// What was read around a start, to judge it. Absent: could not be read.
struct StartWindow {
  std::optional<ports::HostReading> before;   // before the create call
  std::optional<ports::HostReading> started;  // when the start call had returned: the engine's work is done
  std::optional<ports::HostReading> ready;    // when the first good answer was known
  std::optional<Nanos> known_cpu;  // of daemon, probe and services from `started` to `ready`; absent: one is not known
  std::optional<Nanos> app_cpu;    // the app's CPU time since its exec, read soon after `ready`
  std::optional<Nanos> probe_gap;  // from the last probe without a good answer to the one that had it
  std::optional<Nanos> deep_gap;   // … of the deep path
  Nanos wall_shift{};              // of the wall clock against the monotonic one, either way
  int cpus = 2;                    // of app and load generator
};

// A reading of memory after a silence of a length that the profile sets.
struct QuietMoment {
  std::optional<model::MemoryReading> memory;
  Nanos asked{};
  Nanos waited{};  // by the clock that saw more of it
};

struct TrialEvidence {
  model::TrialKind kind = model::TrialKind::load;
  bool has_deep_path = false;
  std::optional<model::StartupMarks> marks;
  std::string no_stamp;  // why the marks have no process start; empty: it was not told
  StartWindow start;
  QuietMoment idle;
  QuietMoment retained;
  std::optional<Nanos> stop;
  std::string cut_short;  // the word for why the trial ended before its plan was done; empty: it did not
};

struct TrialReadings {
  std::vector<model::Reading> readings;
  model::Verdict verdict;
};

// One reading for each metric that a trial of this kind is to have; those not reached are absent with the reason.
TrialReadings read_trial(const TrialEvidence& evidence);

}  // namespace dyno::run
