// What happens in a run, in order: the one source of the database, the live stream, the log lines and the tests. Values only.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/build.h"
#include "model/measurement.h"
#include "model/run.h"

namespace dyno::model {

// The first event of a run: all that its row holds before anything is done.
struct RunQueued {
  RunRequest request;
  std::string job_hash;  // of the stored job (model::Job)
  std::string profile_hash;
  int blocks = 0;
  std::vector<RunStack> stacks;  // name, title, runtime, class and hash are known by now
};
struct RunStateChanged {
  RunState state = RunState::queued;
  std::string reason;
};
// A run that was cut off waits again, in front of the queue, to go on at the next trial of its plan.
struct RunResumed {
  std::string reason;  // what cut it off
  int finished = 0;    // trials that are kept
};
struct EnvironmentRecorded {
  Environment environment;
  std::vector<GateResult> warnings;
};
struct PlanMade {
  Nanos expected{};
  int trials = 0;
  bool co_located = false;
};
struct StackPrepared {
  RunStack stack;
};  // image built or found, or failed with the reason inside
struct ServicePrepared {
  std::string service;
  std::string image_id;
  std::string base_kind;  // as of RunStack
  std::optional<Nanos> build;
};
struct BuildLogged {
  Build build;
  BuildLog log;
};  // before the image is told of as prepared, and in place of that where a service's build fails
struct TrialStarted {
  std::string trial_id;
  PlannedTrial planned;
  std::string case_name;
  std::string stack;
};
struct TrialStepped {
  std::string trial_id;
  TrialStep step = TrialStep::starting;
  std::string phase;
  Progress progress;
};
struct ServiceReset {
  std::string trial_id;
  std::string service;
  Nanos duration{};
};
struct StartupMeasured {
  std::string trial_id;
  StartupMarks marks;
};
struct MemoryMeasured {
  std::string trial_id;
  MemoryMoment moment = MemoryMoment::idle;
  MemoryReading reading;
  std::vector<Sample> samples{};  // the timeline up to this reading, as far as no phase holds it
};
struct PhaseFinished {
  std::string trial_id;
  PhaseResult result;
  std::vector<Sample> timeline{};  // all samples since the phase before, the warm-up's too
};
struct TrialFinished {
  std::string trial_id;
  TrialState state = TrialState::succeeded;
  TrialFailure failure = TrialFailure::none;
  std::string reason;
  std::string last_output;
  std::optional<Nanos> stop;
  bool stop_forced = false;
  std::vector<Reading> readings{};  // the trial's own (start, idle, retained, stop), in the order of the metrics
  Verdict verdict{};                // on them
};

// After a block of a run that is measured until two of its stacks are told apart.
struct ComparisonLooked {
  int blocks = 0;  // that both have finished
  int most = 0;
  int decided = 0;                       // cells that are waited for
  std::vector<std::string> undecided{};  // "Throughput of list-orders/c32"
};

using RunEvent = std::variant<RunQueued, RunStateChanged, RunResumed, EnvironmentRecorded, PlanMade, StackPrepared,
                              ServicePrepared, BuildLogged, TrialStarted, TrialStepped, ServiceReset, StartupMeasured,
                              MemoryMeasured, PhaseFinished, TrialFinished, ComparisonLooked>;

// state (queued is one), resumed, environment, plan, stack, service, build, trial, step, reset, startup, memory, phase, trial_done, look: the
// `kind` of a stored event.
std::string_view kind_of(const RunEvent& event);

// Not stored: one second of a running phase, for those who watch.
struct LiveSample {
  std::string run_id;
  Progress progress;
  double rate_per_s = 0;
  std::optional<std::int64_t> p99_ns;
  std::int64_t errors = 0;
  std::optional<Bytes> private_bytes;
};

// A stored event as it is listed and streamed: flat, with a text for a person.
struct EventRow {
  std::int64_t id = 0;  // grows over all runs; the `id:` of the event stream
  std::string run_id;
  WallTime at;
  std::string kind;
  std::string trial_id;   // empty: none
  std::string case_name;  // empty: none
  std::string step;
  std::string phase;
  std::string text;  // "json/c32: 21 840/s, 45.1 µs CPU per request"
  std::optional<RunState> state;
  std::optional<Progress> progress;
};

// "3 of 9 decided; undecided: Throughput of list-orders/c32, Latency p50 of list-orders/c32, Start-up time and 3 more".
std::string describe_standing(const ComparisonLooked& look);
// The words for EventRow::text.
std::string describe(const RunEvent& event);

}  // namespace dyno::model
