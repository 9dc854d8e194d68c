// A plan: what a run will do, in order, before anything is done. Made by run/plan as a pure function of stacks, profile and seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"
#include "model/measurement.h"
#include "model/placement.h"
#include "model/profile.h"
#include "model/stack.h"

namespace dyno::model {

// One stack × variant × mode × placement under the run's profile.
struct Case {
  std::string name;  // "go-nethttp/single"
  Stack stack;
  Mode mode = Mode::single;
};

enum class TrialKind { load, startup };  // startup: one more timed start, nothing else
template <>
struct EnumNames<TrialKind> {
  static constexpr std::array<std::string_view, 2> names{"load", "startup"};
};

struct PlannedTrial {
  int block = 0;  // 1 first
  int index = 0;  // position in the whole plan, 0 first
  int case_index = 0;
  TrialKind kind = TrialKind::load;
  StartKind start_kind = StartKind::warm;
  int attempt = 1;
};

struct Plan {
  std::vector<Case> cases;
  Profile profile;
  Placement placement;
  std::uint64_t seed = 0;
  std::vector<std::string> services;  // names of those the run has; a trial has what its stack asked for
  std::vector<PlannedTrial> trials;
  Nanos expected{};           // whole run, builds apart
  double measured_share = 0;  // of `expected` that is spent in measured windows
};

}  // namespace dyno::model
