#include "stackfile/parse_profile.h"

#include <fmt/format.h>

#include "base/sha256.h"
#include "stackfile/check_root.h"
#include "stackfile/check_shape.h"
#include "stackfile/profile_table.h"
#include "stackfile/read_phases.h"
#include "stackfile/read_value.h"
#include "stackfile/read_yaml.h"

namespace dyno::stackfile {
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
