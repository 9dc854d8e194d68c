// A run and its trials as they are stored and shown. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "model/environment.h"
#include "model/measurement.h"
#include "model/plan.h"
#include "model/run_state.h"

namespace dyno::model {

enum class Trigger { schedule, manual, api, confirm };
template <>
struct EnumNames<Trigger> {
  static constexpr std::array<std::string_view, 4> names{"schedule", "manual", "api", "confirm"};
};

// Two stacks of a run that go on, block by block, until they are told apart or found to be the same (results/standing).
struct RunComparison {
  std::string a;                      // before: the name of a stack
  std::string b;                      // after
  std::optional<Nanos> within{};      // of the run's beginning: no block begins that would end after it
  std::vector<MetricName> metrics{};  // that are waited for; none: those of results/standing
};

// What somebody asked for; becomes a run when it is queued.
struct RunRequest {
  std::vector<std::string> stacks;  // resolved names
  std::string profile;
  std::optional<int> blocks{};  // instead of the profile's number; 1 to kMostBlocks
  std::uint64_t seed = 0;
  std::string note;
  Trigger trigger = Trigger::api;
  std::string schedule;                    // empty: none
  std::optional<WallTime> nominal_at{};    // the due time, for schedule
  std::optional<Nanos> budget{};           // no block begins that would end after it
  std::optional<WallTime> start_by{};      // begun later than this it is skipped
  std::string retry_of{};                  // the run whose job and seed it repeats; empty: none
  std::optional<RunComparison> compare{};  // its blocks are the most that are measured
};

// Which image a stack ran on, as it was.
struct RunStack {
  std::string name;
  std::string title;
  std::string runtime;
  std::string stack_class;
  std::string hash;
  std::string image_id;   // empty: not built
  std::string base_kind;  // official, stand_in, none (FROM scratch only), image (not built, but taken as it is)
  std::string
      bases;  // "RUN_IMAGE=stackdyno/base-node-26@sha256:…", one a line; "IMAGE=redis:7@sha256:…" of one taken as it is
  std::optional<Bytes> image_bytes;
  std::optional<Nanos> build;    // absent: the image was there already
  std::string reported_version;  // what the runtime in the image says; empty: unknown
  std::string failure;           // why it could not be built; empty: none
};

// The image that a stack ran on last.
struct LastImage {
  std::string image_id;
  std::string base_kind;  // as of RunStack
  Bytes bytes;
  std::optional<Nanos> build;  // of this very image; absent: it was made before the first run that is known here
  std::string run_id;
};

struct Progress {
  int block = 0;
  int blocks = 0;
  std::string case_name;
  std::string step;  // TrialStep or "building"
  std::string phase;
  double done_ratio = 0;
  std::optional<WallTime> eta_at;
};

// What somebody says of a run, apart from what it measured.
struct Marks {
  std::string note;
  std::vector<std::string> tags{};        // in the order of their letters, each once
  bool pinned = false;                    // kept whole, however old
  std::optional<std::string> excluded{};  // why no comparison and no line counts it
  bool operator==(const Marks&) const = default;
};

// Other marks, in place of those that there are; what is absent stays.
struct MarkChange {
  std::optional<std::string> note{};
  std::optional<std::vector<std::string>> tags{};
  std::optional<bool> pinned{};
  std::optional<std::optional<std::string>> excluded{};
};

struct Run {
  std::string id;
  RunState state = RunState::queued;
  RunRequest request;
  std::string profile_hash;
  int blocks = 0;
  std::vector<RunStack> stacks;
  WallTime created_at;
  std::optional<WallTime> started_at;
  std::optional<WallTime> finished_at;
  std::string reason;  // why it ended so, or waits again, in words; empty while it goes well
  int resumed = 0;     // how often it was cut off and queued again
  int stalled = 0;     // the same since a trial of it finished
  Environment environment;
  std::vector<GateResult> warnings;  // pre-flight
  Nanos expected{};
  Nanos measured{};  // time spent in measured windows so far
  bool co_located = false;
  Marks marks{};
};

struct Trial {
  std::string id;
  std::string run_id;
  int index = 0;
  int block = 0;
  int attempt = 1;  // the last one of an index counts; those before were cut off
  std::string case_name;
  std::string stack;
  TrialKind kind = TrialKind::load;
  TrialState state = TrialState::running;
  TrialFailure failure = TrialFailure::none;
  std::string reason;       // words for the failure
  std::string last_output;  // the container's last output, when it failed; at most 64 KiB
  WallTime started_at;
  std::optional<WallTime> finished_at;
  std::optional<StartupMarks> startup;
  std::optional<MemoryReading> idle;
  std::optional<MemoryReading> retained;
  std::optional<Nanos> stop;  // SIGTERM → exit
  bool stop_forced = false;
  std::vector<Reading> readings;    // its own (start, idle, retained, stop), once it has ended
  Verdict verdict;                  // on them
  std::vector<std::string> phases;  // names of the stored phases, in order
};

}  // namespace dyno::model
