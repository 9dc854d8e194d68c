// What was read around one phase, and the readings and verdict that follow from it. Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "model/measurement.h"
#include "model/profile.h"
#include "ports/load_driver.h"
#include "ports/sampler.h"

namespace dyno::run {

using ThreadCpu = std::vector<std::pair<std::int64_t, Nanos>>;

// Counters at one edge of the measured window. Absent: could not be read.
struct EdgeReading {
  std::optional<ports::CpuReading> cpu;
  std::vector<std::optional<ports::CpuReading>> services;  // of the trial's services, in their order
  std::optional<ports::HostReading> host;
  std::optional<ThreadCpu> threads;
};

// What was read of one service of the trial around the phase.
struct ServiceReadings {
  std::string name;
  int cpus = 1;                // of its CPU set
  bool beside_loader = false;  // that set is the loader's
  std::optional<ports::CpuReading> begin;
  std::optional<ports::CpuReading> end;
  std::vector<model::Sample> samples;  // within the window
  ports::SamplerCost sampler;          // growth over the phase
  bool lost = false;                   // its container ended during the phase
  std::string audit_fault;             // how the statements it counted differ from those promised; empty: they do not
  std::string audit_unread;            // why they could not be read
};

struct PhaseReadings {
  model::ProfilePhase phase;
  std::string refused;          // why the app did not take the load's connections; then nothing else was read
  std::optional<Rate> offered;  // open loop: the rate asked for
  ports::LoadOutcome load;
  EdgeReading begin;
  EdgeReading end;
  std::vector<model::Sample> samples;  // within the window
  Nanos sample_every{};                // as they were asked for
  std::optional<Bytes> cgroup_peak;    // when the window ended: since its begin, where that reset it
  std::optional<Bytes>
      earlier_peak;            // of the container's life until the window began, where the kernel cannot reset it
  ports::SamplerCost sampler;  // growth over the phase
  std::optional<Nanos> control_before;  // CPU time of the rig's fixed work on the app's first CPU, before the warm-up
  std::optional<Nanos> control_after;   // … and when the load has ended
  std::vector<ServiceReadings> services;
  int app_cpus = 1;
  int load_cpus = 1;
  Nanos own_cpu{};             // the daemon's own CPU time in the window
  Nanos wall_shift{};          // by which the wall clock moved against the monotonic one over the window, either way
  std::string app_lost;        // what became of it when it could not be asked any more after the phase; empty: it could
  std::int64_t oom_kills = 0;  // growth over the phase
  std::optional<ports::PidsReading> pids;  // at the window's end, `refused` since the phase's begin
  std::optional<Bytes> logged;  // written by the app since the window's begin, as far as the engine still has it
};

// Raw counts and readings of the phase; its verdict comes from judge_phase.
model::PhaseResult measure_phase(const PhaseReadings& readings);

// A phase that gave no number at all: its throughput is absent, with the reason.
model::PhaseResult unmeasured_phase(std::string phase, MonotonicTime at, std::string why);

// CPU time per time of all services in the window, in cores; nothing when there is none, or one could not be read.
std::optional<double> service_cores(const PhaseReadings& readings);

// The gates over a measured phase, and what bound its throughput: sets the verdict of the phase and of each of its readings.
// What a gate judges and its thresholds: run/gates.h.
void judge_phase(const PhaseReadings& readings, const model::GateLimits& limits, model::PhaseResult& result);

}  // namespace dyno::run
