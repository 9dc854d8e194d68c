#include "stackfile/parse_stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stackfile/check_root.h"
#include "stackfile/check_shape.h"
#include "stackfile/read_value.h"
#include "stackfile/read_yaml.h"
#include "stackfile/shared_parts.h"
#include "stackfile/stack_table.h"
#include "stackfile/stack_variants.h"

namespace dyno::stackfile {
namespace {

using model::Stack;

model::StackRun read_run(const Node& node) {
  model::StackRun run;
  run.command = texts_at(node, "command");
  run.command_scaled = texts_at(node, "command_scaled");
  run.port = static_cast<int>(integer_at(node, "port", run.port));
  run.user = static_cast<int>(integer_at(node, "user", run.user));
  run.env = dictionary_at(node, "env");
  const Node& stop = map_at(node, "stop");
  run.stop_signal = text_at(stop, "signal", run.stop_signal);
  run.stop_grace = duration_at(stop, "grace", run.stop_grace);
  return run;
}

model::Readiness read_readiness(const Node& node) {
  model::Readiness readiness;
  readiness.path = text_at(node, "path");
  readiness.deep_path = text_at(node, "deep_path");
  readiness.timeout = duration_at(node, "timeout", readiness.timeout);
  return readiness;
}

model::StackMetadata read_metadata(const Node& node) {
  model::StackMetadata metadata;
  metadata.async_model = text_at(node, "async_model");
  metadata.type_system = text_at(node, "type_system");
  metadata.json = text_at(node, "json");
  metadata.validation = text_at(node, "validation");
  metadata.driver = text_at(node, "driver");
  metadata.template_engine = text_at(node, "template");
  metadata.realtime = text_at(node, "realtime");
  metadata.homepage = text_at(node, "homepage");
  metadata.licence = text_at(node, "licence");
  metadata.notes = text_at(node, "notes");
  return metadata;
}

Stack read_stack(const Node& node) {
  Stack stack;
  stack.name = text_at(node, "name");
  stack.title = text_at(node, "title");
  stack.runtime = choice_at(node, "runtime", stack.runtime);
  stack.runtime_version = text_at(node, "runtime_version");
  stack.language = text_at(node, "language");
  stack.framework = text_at(node, "framework");
  stack.version = text_at(node, "version");
  stack.stack_class = choice_at(node, "class", stack.stack_class);
  const Node& mode = map_at(node, "mode");
  stack.default_mode = choice_at(mode, "default", stack.default_mode);
  stack.offered_modes = choices_at<model::Mode>(mode, "offers");
  stack.build = read_build(map_at(node, "build"));
  stack.run = read_run(map_at(node, "run"));
  stack.readiness = read_readiness(map_at(node, "readiness"));
  stack.limits = read_limits(map_at(node, "limits"));
  const Node& services = map_at(node, "services");
  for (std::size_t i = 0; i < services.keys.size(); ++i) {
    stack.services.emplace(services.keys[i].text, model::ServiceNeed{boolean_at(services.items[i], "required", true)});
  }
  stack.workloads = texts_at(node, "workloads");
  stack.metadata = read_metadata(map_at(node, "metadata"));
  stack.variants = read_variants(node);
  return stack;
}

// ---- what the shape cannot say ----

void check_modes(const Node& root, ProblemList& problems) {
  if (problems.has_below("/mode")) return;
  const Node& mode = map_at(root, "mode");
  const auto offers = texts_at(mode, "offers");
  const auto offered = [&](std::string_view word) {
    return std::find(offers.begin(), offers.end(), word) != offers.end();
  };
  const Node* const chosen = find(mode, "default", NodeKind::scalar);
  if (chosen != nullptr && !offered(chosen->text)) {
    problems.add(chosen->mark, "/mode/default", "not_offered",
                 fmt::format("default is {}, which is not among offers", chosen->text));
  }
  const Node* const run = find(root, "run", NodeKind::map);
  if (run == nullptr || !offered("scaled") || find(*run, "command_scaled") != nullptr) return;
  problems.add(run->mark, "/run/command_scaled", "missing_key", "mode scaled is offered, so run needs command_scaled");
}

// The run sets these, so that every stack is told the same.
bool is_reserved(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kReserved{"PORT", "DATABASE_URL", "GOMAXPROCS", "WEB_CONCURRENCY"};
  return name.starts_with("BENCH_") || std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

void check_env(const Node& map, const std::string& pointer, ProblemList& problems) {
  for (const NodeKey& key : map_at(map, "env").keys) {
    if (!is_reserved(key.text)) continue;
    problems.add(key.mark, child(child(pointer, "env"), key.text), "reserved",
                 fmt::format("env may not set {}: the run sets it", key.text));
  }
}

}  // namespace

Parsed<Stack> parse_stack(std::string_view text, const std::string& file) {
  YamlDocument document = read_yaml(text, file);
  ProblemList problems(file);
  problems.add_all(std::move(document.problems));
  if (!document.root) return {std::nullopt, problems.take()};
  const Node& root = *document.root;
  check_shape(root, kStackShape, "", problems);
  check_schema_first(root, problems);
  check_name_is_folder(root, file, problems);
  check_modes(root, problems);
  check_env(map_at(root, "run"), "/run", problems);
  check_build_args(root, problems);
  check_variants(root, problems);
  if (const Node* const variants = find(root, "variants", NodeKind::list)) {
    for (std::size_t i = 0; i < variants->items.size(); ++i)
      check_env(variants->items[i], child("/variants", i), problems);
  }
  if (!problems.empty()) return {std::nullopt, problems.take()};
  return {read_stack(root), {}};
}

}  // namespace dyno::stackfile
