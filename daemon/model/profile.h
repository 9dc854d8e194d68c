// A profile: how stacks are asked. Values only; read by `stackfile` from stacks/profiles/*.yaml.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"
#include "model/stack.h"

namespace dyno::model {

enum class Loop { closed, open };
template <>
struct EnumNames<Loop> {
  static constexpr std::array<std::string_view, 2> names{"closed", "open"};
};

enum class WarmUpKind { fixed, until_steady };
template <>
struct EnumNames<WarmUpKind> {
  static constexpr std::array<std::string_view, 2> names{"fixed", "until_steady"};
};

enum class OrderKind { random, listed };
template <>
struct EnumNames<OrderKind> {
  static constexpr std::array<std::string_view, 2> names{"random", "listed"};
};

// "60% of json_cap": a share of the saturation rate that the phase named `cap` (its `as`) found in the same trial. With own/* it is that
// of the same workload.
struct ShareOfCap {
  double share = 0;  // 0 … 2
  std::string cap;
};

// One phase at each rate that the stack's objectives name for the workload; none where they name none.
struct RatesOfObjectives {
  bool operator==(const RatesOfObjectives&) const = default;
};

using PhaseRate = std::variant<std::monostate, Rate, ShareOfCap, RatesOfObjectives>;  // monostate: closed loop

// A second workload in a closed loop, all the while the phase's own is measured: what else the stack has to do.
struct BesideLoad {
  std::string workload;
  int connections = 1;
  std::map<std::string, std::int64_t> params;
};

// How a phase names workloads that stacks of contract own bring: own/list-orders, or own/* for each of them.
inline constexpr std::string_view kOwnPrefix = "own/";
inline constexpr std::string_view kAllOwn = "own/*";

struct ProfilePhase {
  std::string workload;  // its name; what it is knows `contract`. Of a profile's phase it may be own/NAME or own/*
  Loop loop = Loop::closed;
  int connections = 32;
  PhaseRate rate;
  Nanos measure = std::chrono::seconds(3);
  // Open loop: how long it may be measured where its rate is too low for a p99 by then; 0: no longer.
  Nanos measure_max{};
  std::string as;  // name under which later phases of the same workload may use this phase's throughput; empty: none
  std::map<std::string, std::int64_t> params;
  std::optional<BesideLoad> beside{};
  std::string name;  // unique within the profile: "json/c32", "json/c32/r60%"; made by the parser
};

// "queries/n20/c64/r60%queries_cap": what two phases of a profile differ in.
std::string name_of(const ProfilePhase& phase);

struct WarmUp {
  WarmUpKind kind = WarmUpKind::fixed;
  Nanos each = std::chrono::seconds(1);  // fixed
  Nanos min = std::chrono::seconds(3);   // until_steady
  Nanos max = std::chrono::seconds(20);
};

struct PlacementRequest {
  bool automatic = true;  // by core count
  int stack_cpus = 1;
  int load_cpus = 1;
  bool database_shared_with_load = true;
};

struct DatabaseRequest {
  int connections = 20;
  std::int64_t users = 10000;
  std::string variant{};  // one that the service knows, "users_without_index"; empty: none
};

struct StartupRequest {
  int warm = 4;  // extra starts a case, spread over the blocks; the trials' own starts count besides
  int cache_cold = 0;
};

struct MemoryRequest {
  Nanos idle = std::chrono::seconds(2);
  Nanos after = std::chrono::seconds(2);
  Nanos sample_every = std::chrono::milliseconds(100);
};

struct GateLimits {
  double errors_max = 0.001;      // share of answers
  double late_max = 0.01;         // share of requests sent late by the loader's fault
  double load_worker_max = 0.80;  // busy share of the busiest loader thread
};

inline constexpr int kMostBlocks = 1000;

struct Profile {
  std::string name;
  std::string purpose;
  int blocks = 1;  // 1 to kMostBlocks
  OrderKind order = OrderKind::random;
  bool reverse_alternate_blocks = true;
  PlacementRequest placement;
  Mode mode = Mode::single;
  std::optional<DatabaseRequest> database;
  StartupRequest startup;
  MemoryRequest memory;
  WarmUp warm_up;
  std::vector<ProfilePhase> phases;
  GateLimits gates;
  std::string hash;  // "sha256:…" of the file
};

}  // namespace dyno::model
