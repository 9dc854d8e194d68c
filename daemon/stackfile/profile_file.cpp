#include <fmt/format.h>

#include <array>
#include <chrono>

#include "base/sha256.h"
#include "contract/workloads/registry.h"
#include "model/profile.h"
#include "model/sampling.h"
#include "stackfile/files.h"
#include "stackfile/parts.h"
#include "stackfile/read_yaml.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;
using model::names_of;

constexpr std::array<std::string_view, 1> kProfileSchema{"profile/1"};
constexpr std::array<std::string_view, 1> kAuto{"auto"};
constexpr std::array<std::string_view, 2> kDatabasePlaces{"shared_with_load", "own"};

constexpr Shape kConnections = integer(1, 20000);
constexpr Shape kParam = integer(0, 1'000'000'000);

constexpr std::array kOrderKeys{
    required("kind", choice(names_of<model::OrderKind>()), "order of the cases within a block"),
    optional("reverse_alternate_blocks", boolean(), "every second block runs backwards"),
};
constexpr Table kOrderTable{kOrderKeys};

constexpr std::array kPlacementKeys{
    required("stack_cpus", integer(1, 256), "CPUs of the stack under test"),
    required("load_cpus", integer(1, 256), "CPUs of the load generator"),
    optional("database", choice(kDatabasePlaces), "whether the database has separate CPUs"),
};
constexpr Table kPlacementTable{kPlacementKeys};

constexpr std::array kDatabaseKeys{
    required("connections", integer(1, 190), "database connections of a whole stack"),
    required("users", integer(1, 10'000'000), "rows of the table users"),
    optional("variant", text(kIdentifier, 40), "variant of the data, one of those that the service lists"),
};
constexpr Table kDatabaseTable{kDatabaseKeys};

constexpr std::array kStartupKeys{
    required("warm", integer(0, 1000), "extra timed starts per stack, spread over the blocks"),
    required("cache_cold", integer(0, 1000), "the same with the page cache evicted"),
};
constexpr Table kStartupTable{kStartupKeys};

constexpr std::array kMemoryKeys{
    required("idle", duration(0s, 10min), "pause after the first good answer, before idle memory is read"),
    required("after", duration(0s, 10min), "pause after the last phase, before memory after load is read"),
    optional("sample_every", duration(model::kShortestSamplePeriod, model::kLongestSamplePeriod),
             "period of the samples"),
};
constexpr Table kMemoryTable{kMemoryKeys};

constexpr std::array kWarmUpKeys{
    required("kind", choice(names_of<model::WarmUpKind>()), "fixed takes each; until_steady takes min and max"),
    optional("each", duration(0s, 10min), "length, for kind fixed"),
    optional("min", duration(0s, 10min), "shortest, for kind until_steady"),
    optional("max", duration(100ms, 30min), "longest, for kind until_steady"),
};
constexpr Table kWarmUpTable{kWarmUpKeys};

constexpr std::array kBesideKeys{
    required("workload", choice_or_rule(contract::workload_names, kOwnPhase),
             "workload of the background load, in a closed loop"),
    required("connections", kConnections, "connections held open"),
    optional("params", dictionary(kIdentifier, kParam, 10), "of the workload"),
};
constexpr Table kBesideTable{kBesideKeys};

constexpr std::array kPhaseKeys{
    required("workload", choice_or_rule(contract::workload_names, kOwnPhase),
             "what is requested; own/NAME or own/*: workloads of a stack of contract own"),
    required("loop", choice(names_of<model::Loop>()), "closed: saturation; open: constant rate"),
    optional("rate", text(kPhaseRate, 60),
             "open loop: 1000/s, 60% of an earlier phase's `as`, or objectives: each rate that those of a stack name"),
    optional("connections", kConnections, "connections held open"),
    optional("levels", set_of(kConnections, 1, 20), "several numbers of connections, one phase each"),
    required("measure", duration(100ms, 24h), "length of the measured window"),
    optional("measure_max", duration(100ms, 24h),
             "open loop: the window may grow to this where its rate is too low for the 1000 answers of a p99"),
    optional("as", text(kIdentifier, 40), "name for later phases to use this phase's throughput"),
    optional("params", dictionary(kIdentifier, kParam, 10), "of the workload, such as n: 20"),
    optional("beside", map_of(kBesideTable), "background load: a second workload during this phase"),
};
constexpr Table kPhaseTable{kPhaseKeys};
constexpr Shape kPhase = map_of(kPhaseTable);

constexpr std::array kGateKeys{
    optional("errors_max", share(0, 1'000'000), "share of answers that may be wrong"),
    optional("late_max", share(0, 1'000'000), "share of requests the load generator may send late"),
    optional("load_worker_max", share(10'000, 1'000'000), "how busy the load generator may be"),
};
constexpr Table kGateTable{kGateKeys};

constexpr std::array kProfileKeys{
    required("schema", choice(kProfileSchema), "format of this file; first key"),
    required("name", text(kName, 40), "equals the file"),
    required("purpose", text(kOneLine, 300), "one sentence"),
    required("blocks", integer(1, model::kMostBlocks), "how many times every stack is measured"),
    optional("order", map_of(kOrderTable), "order of the stacks"),
    optional("placement", choice_or_map(kAuto, kPlacementTable), "auto: from the number of CPUs"),
    optional("mode", choice(names_of<model::Mode>()), "process mode of the stacks"),
    optional("database", map_of(kDatabaseTable), "for workloads that need one"),
    optional("startup", map_of(kStartupTable), "timed starts"),
    optional("memory", map_of(kMemoryTable), "when memory is read"),
    required("warm_up", map_of(kWarmUpTable), "load before each measured phase"),
    required("phases", list_of(kPhase, 0, 100), "in this order; none: start-up and memory alone"),
    optional("gates", map_of(kGateTable), "limits beyond which a result is invalid"),
};
constexpr Table kProfileTable{kProfileKeys};

}  // namespace

constinit const Shape kProfileShape = map_of(kProfileTable);

namespace {

using model::Profile;

model::PlacementRequest read_placement(const Node& root) {
  model::PlacementRequest placement;
  const Node* const node = find(root, "placement", NodeKind::map);
  if (node == nullptr) return placement;
  placement.automatic = false;
  placement.stack_cpus = static_cast<int>(integer_at(*node, "stack_cpus", placement.stack_cpus));
  placement.load_cpus = static_cast<int>(integer_at(*node, "load_cpus", placement.load_cpus));
  placement.database_shared_with_load = text_at(*node, "database", "shared_with_load") == "shared_with_load";
  return placement;
}

model::WarmUp read_warm_up(const Node& node) {
  model::WarmUp warm_up;
  warm_up.kind = choice_at(node, "kind", warm_up.kind);
  warm_up.each = duration_at(node, "each", warm_up.each);
  warm_up.min = duration_at(node, "min", warm_up.min);
  warm_up.max = duration_at(node, "max", warm_up.max);
  return warm_up;
}

model::MemoryRequest read_memory(const Node& node) {
  model::MemoryRequest memory;
  memory.idle = duration_at(node, "idle", memory.idle);
  memory.after = duration_at(node, "after", memory.after);
  memory.sample_every = duration_at(node, "sample_every", memory.sample_every);
  return memory;
}

model::GateLimits read_gates(const Node& node) {
  model::GateLimits gates;
  gates.errors_max = share_at(node, "errors_max", gates.errors_max);
  gates.late_max = share_at(node, "late_max", gates.late_max);
  gates.load_worker_max = share_at(node, "load_worker_max", gates.load_worker_max);
  return gates;
}

Profile read_profile(const Node& root) {
  Profile profile;
  profile.name = text_at(root, "name");
  profile.purpose = text_at(root, "purpose");
  profile.blocks = static_cast<int>(integer_at(root, "blocks", profile.blocks));
  const Node& order = map_at(root, "order");
  profile.order = choice_at(order, "kind", profile.order);
  profile.reverse_alternate_blocks = boolean_at(order, "reverse_alternate_blocks", profile.reverse_alternate_blocks);
  profile.placement = read_placement(root);
  profile.mode = choice_at(root, "mode", profile.mode);
  if (const Node* const database = find(root, "database", NodeKind::map)) {
    const model::DatabaseRequest fallback;
    profile.database = {static_cast<int>(integer_at(*database, "connections", fallback.connections)),
                        integer_at(*database, "users", fallback.users), text_at(*database, "variant")};
  }
  const Node& startup = map_at(root, "startup");
  profile.startup.warm = static_cast<int>(integer_at(startup, "warm", profile.startup.warm));
  profile.startup.cache_cold = static_cast<int>(integer_at(startup, "cache_cold", profile.startup.cache_cold));
  profile.memory = read_memory(map_at(root, "memory"));
  profile.warm_up = read_warm_up(map_at(root, "warm_up"));
  profile.phases = read_phases(*find(root, "phases"));
  profile.gates = read_gates(map_at(root, "gates"));
  return profile;
}

// Each kind of warm-up has its own keys; the other's would be ignored in silence.
void check_warm_up(const Node& root, ProblemList& problems) {
  if (problems.has_below("/warm_up")) return;
  const Node& node = map_at(root, "warm_up");
  const bool fixed = text_at(node, "kind") == "fixed";
  for (const auto& [key, of_fixed] :
       {std::pair<std::string_view, bool>("each", true), {"min", false}, {"max", false}}) {
    const Node* const value = find(node, key);
    const std::string pointer = child("/warm_up", key);
    if (fixed == of_fixed && value == nullptr) {
      problems.add(node.mark, pointer, "missing_key",
                   fmt::format("a warm-up of kind {} needs {}", text_at(node, "kind"), key));
    } else if (fixed != of_fixed && value != nullptr) {
      problems.add(value->mark, pointer, "not_here",
                   fmt::format("a warm-up of kind {} has no {}", text_at(node, "kind"), key));
    }
  }
  if (!fixed && duration_at(node, "min", Nanos(0)) > duration_at(node, "max", Nanos::max())) {
    problems.add(find(node, "min")->mark, "/warm_up/min", "out_of_range", "min is longer than max");
  }
}

}  // namespace

Parsed<Profile> parse_profile(std::string_view text, const std::string& file) {
  YamlDocument document = read_yaml(text, file);
  ProblemList problems(file);
  problems.add_all(std::move(document.problems));
  if (!document.root) return {std::nullopt, problems.take()};
  const Node& root = *document.root;
  check_shape(root, kProfileShape, "", problems);
  check_schema_first(root, problems);
  check_name_is_stem(root, file, problems);
  check_warm_up(root, problems);
  if (const Node* const phases = find(root, "phases", NodeKind::list)) check_phases(*phases, problems);
  if (!problems.empty()) return {std::nullopt, problems.take()};
  Profile profile = read_profile(root);
  profile.hash = "sha256:" + sha256_hex(text);
  return {std::move(profile), {}};
}

}  // namespace dyno::stackfile
