// The second shape of a stack.yaml, `contract: own`: a service of somebody's own, of which little must be said.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/pattern.h"
#include "model/stack.h"
#include "stackfile/parts.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;
using model::names_of;

constexpr std::array<std::string_view, 1> kOwnStackSchema{"stack/1"};
constexpr std::array<std::string_view, 1> kOwnWord{"own"};
constexpr std::array<std::string_view, 2> kReadyWords{"http", "tcp"};
constexpr Shape kServiceName = text(kName, 40);
constexpr Shape kWorkloadFile = text(kInnerPath, 200);
constexpr Shape kSharedFile = text(kName, 40);

constexpr std::array kOwnStopKeys{
    optional("signal", choice(kStopSignals), "the signal that stops the server [SIGTERM]"),
    optional("grace", duration(100ms, 2min), "time until it is killed [10s]"),
};
constexpr Table kOwnStopTable{kOwnStopKeys};

constexpr std::array kOwnRunKeys{
    optional("command", list_of(kArgument, 1, 100), "exec form, no shell [ENTRYPOINT and CMD of the image]"),
    optional("port", integer(1, 65535), "where the server listens [the only port that the image EXPOSEs]"),
    optional("user", integer(1, 2147483647), "user id of the server [the image's own user]"),
    optional("env", dictionary(kEnvName, kEnvValue, 200), "environment; PORT is the port unless it is set here"),
    optional("stop", map_of(kOwnStopTable), "how it is stopped"),
    optional("writable", boolean(), "true: the root file system can be written to [false]"),
    optional("tmpfs", list_of(kFolderEntry, 1, 20), "folders in memory that can be written to, besides /tmp"),
};
constexpr Table kOwnRunTable{kOwnRunKeys};

constexpr std::array kOwnReadinessKeys{
    optional("by", choice(names_of<model::ReadyBy>()), "http: path; tcp: the port takes a connection; log: pattern"),
    optional("path", text(kUrlPath, 200), "by http: answers 2xx [/]"),
    optional("pattern", text(kOneLine, Pattern::kMostBytes), "by log: a regular expression, found in a line of output"),
    optional("deep_path", text(kUrlPath, 200), "by http: answers 2xx later, a second start-up figure"),
    optional("timeout", duration(100ms, 10min), "after this the stack counts as never ready [60s]"),
};
constexpr Table kOwnReadinessTable{kOwnReadinessKeys};

constexpr std::array kOwnStackKeys{
    required("schema", choice(kOwnStackSchema), "format of this file; first key"),
    required("name", text(kName, 40), "equals the folder"),
    required("contract", choice(kOwnWord), "own: a service of your own, with requests of its own"),
    optional("title", text_like_number(kOneLine, 100), "as shown [the name]"),
    optional("runtime", choice(names_of<model::Runtime>()), "language runtime [other]"),
    optional("version", text_like_number(kVersion, 40), "of the service, as shown"),
    optional("notes", text(kOneLine, 1000), "what readers of the results should know"),
    optional("build", map_of(kOwnBuildTable), "how the image is built [from the Dockerfile of this folder]"),
    optional("image", text(kImage, 255), "an image that is taken as it is, instead of a build"),
    optional("run", map_of(kOwnRunTable), "how the server is started"),
    optional("readiness", choice_or_map(kReadyWords, kOwnReadinessTable), "when it is ready [a GET of / answers 2xx]"),
    optional("limits", map_of(kOwnLimitTable), "of the container"),
    optional("services", set_of(kServiceName, 1, 20), "services that it needs, found by their names"),
    optional("workloads", dictionary(kName, kOwnWorkload, kMostOwnWorkloads), "its requests, by name"),
    optional("workload_files", set_of(kWorkloadFile, 1, 20), "files of this folder with further workloads"),
    optional("shared_workloads", set_of(kSharedFile, 1, 20),
             "names of files in workloads/, beside the folders of the stacks, with further workloads"),
    optional("objectives", list_of(kObjective, 1, kMostObjectives),
             "what it has to reach, such as: p99 of list-orders at 200/s < 20 ms"),
    optional("variants", list_of(kVariantEntry, 1, 50),
             "further cases from this folder; each runs only when it is named"),
};
constexpr Table kOwnStackTable{kOwnStackKeys};

}  // namespace

constinit const Shape kOwnStackShape = map_of(kOwnStackTable);

namespace {

model::StackRun read_own_run(const Node& node) {
  model::StackRun run;
  run.command = texts_at(node, "command");
  run.port = static_cast<int>(integer_at(node, "port", 0));
  run.user = static_cast<int>(integer_at(node, "user", model::kUserOfImage));
  run.env = dictionary_at(node, "env");
  const Node& stop = map_at(node, "stop");
  run.stop_signal = text_at(stop, "signal", run.stop_signal);
  run.stop_grace = duration_at(stop, "grace", run.stop_grace);
  run.writable = boolean_at(node, "writable", run.writable);
  run.folders = read_folders(node, "tmpfs");
  return run;
}

// What it is ready by: as it says, else by what it gives.
model::ReadyBy ready_by(const Node& root) {
  if (const auto word = model::parse_enum<model::ReadyBy>(text_at(root, "readiness"))) return *word;
  const Node& node = map_at(root, "readiness");
  const bool has_pattern = find(node, "pattern") != nullptr;
  return choice_at(node, "by", has_pattern ? model::ReadyBy::log : model::ReadyBy::http);
}

model::Readiness read_own_readiness(const Node& root) {
  const Node& node = map_at(root, "readiness");
  model::Readiness readiness;
  readiness.by = ready_by(root);
  readiness.path = readiness.by == model::ReadyBy::http ? text_at(node, "path", "/") : "";
  readiness.pattern = text_at(node, "pattern");
  readiness.deep_path = text_at(node, "deep_path");
  readiness.timeout = duration_at(node, "timeout", readiness.timeout);
  return readiness;
}

// ---- what the shape cannot say ----

void check_own_readiness(const Node& root, ProblemList& problems) {
  const Node* const node = find(root, "readiness", NodeKind::map);
  if (node == nullptr || problems.has_below("/readiness")) return;
  const model::ReadyBy by = ready_by(root);
  struct Belongs {
    std::string_view key;
    model::ReadyBy by;
  };
  for (const auto& [key, owner] : {Belongs{"path", model::ReadyBy::http}, Belongs{"deep_path", model::ReadyBy::http},
                                   Belongs{"pattern", model::ReadyBy::log}}) {
    const Node* const value = find(*node, key);
    if (value == nullptr || by == owner) continue;
    problems.add(value->mark, child("/readiness", key), "not_here",
                 fmt::format("readiness by {} has no {}; that is of by: {}", to_string(by), key, to_string(owner)));
  }
  const Node* const pattern = find(*node, "pattern", NodeKind::scalar);
  if (by == model::ReadyBy::log && pattern == nullptr)
    problems.add(node->mark, "/readiness/pattern", "missing_key", "readiness by log needs a pattern");
  check_pattern(*node, "pattern", "/readiness", problems);
}

void check_own_env(const Node& map, const std::string& pointer, ProblemList& problems) {
  for (const NodeKey& key : map_at(map, "env").keys) {
    if (!key.text.starts_with("BENCH_")) continue;
    problems.add(key.mark, child(child(pointer, "env"), key.text), "reserved",
                 fmt::format("env may not set {}: the run sets it", key.text));
  }
}

}  // namespace

void check_own_stack(const Node& root, ProblemList& problems) {
  check_build_or_image(root, problems);
  check_own_readiness(root, problems);
  const Node& run = map_at(root, "run");
  check_own_env(run, "/run", problems);
  check_programs(run, "/run", problems);
  check_folders(run, "tmpfs", "/run", problems);
  if (const Node* const variants = find(root, "variants", NodeKind::list)) {
    for (std::size_t i = 0; i < variants->items.size(); ++i)
      check_own_env(variants->items[i], child("/variants", i), problems);
  }
}

model::Stack read_own_stack(const Node& root) {
  model::Stack stack;
  stack.contract = model::ContractKind::own;
  stack.name = text_at(root, "name");
  stack.title = text_at(root, "title", stack.name);
  stack.runtime = choice_at(root, "runtime", stack.runtime);
  stack.version = text_at(root, "version");
  stack.offered_modes = {model::Mode::single};
  stack.image = text_at(root, "image");
  stack.build = read_own_build(map_at(root, "build"));
  stack.run = read_own_run(map_at(root, "run"));
  stack.readiness = read_own_readiness(root);
  stack.limits = read_own_limits(map_at(root, "limits"));
  for (const std::string& service : texts_at(root, "services")) stack.services.emplace(service, model::ServiceNeed{});
  stack.metadata.notes = text_at(root, "notes");
  stack.variants = read_variants(root);
  return stack;
}

}  // namespace dyno::stackfile
