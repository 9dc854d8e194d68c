#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "contract/workloads/registry.h"
#include "model/stack.h"
#include "stackfile/files.h"
#include "stackfile/parts.h"
#include "stackfile/read_yaml.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;
using model::names_of;

constexpr std::array<std::string_view, 1> kStackSchema{"stack/1"};
constexpr std::array<std::string_view, 5> kAsyncModels{"event loop", "goroutines", "asyncio", "threads", "coroutines"};

constexpr Shape kContractWord = choice(names_of<model::ContractKind>());
constexpr Shape kModeWord = choice(names_of<model::Mode>());
constexpr Shape kWorkloadWord = choice(contract::workload_names);

constexpr std::array kModeKeys{
    required("default", kModeWord, "the default mode of a run"),
    required("offers", set_of(kModeWord, 1, 2),
             "single: one process as the runtime ships it; scaled: sized from BENCH_CPUS"),
};
constexpr Table kModeTable{kModeKeys};

constexpr std::array kStopKeys{
    required("signal", choice(kStopSignals), "the signal that stops the server"),
    required("grace", duration(100ms, 2min), "time until it is killed"),
};
constexpr Table kStopTable{kStopKeys};

constexpr std::array kRunKeys{
    required("command", list_of(kArgument, 1, 100), "exec form, no shell"),
    optional("command_scaled", list_of(kArgument, 1, 100), "the command for mode scaled"),
    required("port", integer(1024, 65535), "where the server listens"),
    required("user", integer(1, 2147483647), "user id of the server; never root"),
    optional("env", dictionary(kEnvName, kEnvValue, 100),
             "environment; PORT, DATABASE_URL and BENCH_* are set by the run"),
    required("stop", map_of(kStopTable), "how it is stopped"),
};
constexpr Table kRunTable{kRunKeys};

constexpr std::array kReadinessKeys{
    required("path", text(kUrlPath, 200), "answers 200 at the first possible moment"),
    optional("deep_path", text(kUrlPath, 200), "answers 200 after the first database query"),
    required("timeout", duration(100ms, 10min), "after this the stack counts as never ready"),
};
constexpr Table kReadinessTable{kReadinessKeys};

constexpr std::array kLimitKeys{
    required("memory", bytes(mib(16), mib(1024 * 1024)), "memory limit, without swap"),
    required("pids", integer(4, 32768), "processes and threads"),
    required("open_files", integer(64, 1048576), "file descriptors per process"),
    required("tmp", bytes(mib(1), mib(16 * 1024)), "size of /tmp, which is memory"),
};
constexpr Table kLimitTable{kLimitKeys};

constexpr std::array kServiceKeys{required("required", boolean(), "false: the stack also runs without it")};
constexpr Table kServiceTable{kServiceKeys};

constexpr Shape kServiceEntry = map_of(kServiceTable);

constexpr std::array kMetadataKeys{
    required("async_model", choice(kAsyncModels), "how the server handles concurrent requests"),
    required("type_system", text(kOneLine, 200), "when types are checked"),
    required("json", text_like_number(kOneLine, 200), "JSON library"),
    required("validation", text_like_number(kOneLine, 200), "validation library"),
    required("driver", text_like_number(kOneLine, 200), "database driver and version"),
    required("template", text_like_number(kOneLine, 200), "template engine and version"),
    required("realtime", text_like_number(kOneLine, 200), "WebSocket or SSE library"),
    required("homepage", text(kUrl, 300), "of the framework"),
    required("licence", text(kOneLine, 100), "of the framework"),
    optional("notes", text(kOneLine, 1000), "what readers of the results should know"),
};
constexpr Table kMetadataTable{kMetadataKeys};

constexpr std::array kStackKeys{
    required("schema", choice(kStackSchema), "format of this file; first key"),
    required("name", text(kName, 40), "equals the folder"),
    optional("contract", kContractWord, "stackdyno: the contract of all stacks"),
    required("title", text_like_number(kOneLine, 100), "as shown"),
    required("runtime", choice(names_of<model::Runtime>()), "language runtime"),
    required("runtime_version", text_like_number(kVersion, 40), "what the image must report"),
    required("language", text(kOneLine, 40), "programming language"),
    required("framework", text(kOneLine, 60), "framework or library"),
    required("version", text_like_number(kVersion, 40), "of the framework, as in the lock file"),
    required("class", choice(names_of<model::StackClass>()), "production: as the framework's own guide says"),
    required("mode", map_of(kModeTable), "process modes"),
    required("build", map_of(kBuildTable), "how the image is built"),
    required("run", map_of(kRunTable), "how the server is started"),
    required("readiness", map_of(kReadinessTable), "how readiness is checked"),
    required("limits", map_of(kLimitTable), "of the container"),
    required("services", dictionary(kName, kServiceEntry, 20), "services that the stack needs"),
    required("workloads", set_of(kWorkloadWord, 1, 100), "what it answers"),
    required("metadata", map_of(kMetadataTable), "shown and searched, without any effect"),
    optional("variants", list_of(kVariantEntry, 1, 50),
             "further cases from this folder; each runs only when it is named"),
};
constexpr Table kStackTable{kStackKeys};

}  // namespace

constinit const Shape kStackShape = map_of(kStackTable);

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

Parsed<Stack> parse_stack(std::string_view text, const std::string& file, const StackFiles& files) {
  YamlDocument document = read_yaml(text, file);
  ProblemList problems(file);
  problems.add_all(std::move(document.problems));
  if (!document.root) return {std::nullopt, problems.take()};
  const Node& root = *document.root;
  // Which shape it has is told by this word alone: of one that is none, nothing else is said.
  const Node* const contract = find(root, "contract");
  if (contract != nullptr) check_shape(*contract, kContractWord, "/contract", problems);
  if (problems.has_below("/contract")) return {std::nullopt, problems.take()};
  const bool is_own = choice_at(root, "contract", model::ContractKind::stackdyno) == model::ContractKind::own;
  check_shape(root, is_own ? kOwnStackShape : kStackShape, "", problems);
  check_schema_first(root, problems);
  check_name_is_folder(root, file, problems);
  check_variants(root, problems);
  if (is_own) {
    check_own_stack(root, problems);
    OwnWorkloads own = read_own_workloads(root, file, files, problems);
    auto all = problems.take();
    std::move(own.problems.begin(), own.problems.end(), std::back_inserter(all));
    if (!all.empty()) return {std::nullopt, std::move(all)};
    Stack stack = read_own_stack(root);
    for (const model::OwnWorkload& workload : own.workloads) stack.workloads.push_back(workload.name);
    stack.own_workloads = std::move(own.workloads);
    stack.objectives = std::move(own.objectives);
    return {std::move(stack), {}};
  }
  check_modes(root, problems);
  check_env(map_at(root, "run"), "/run", problems);
  check_programs(map_at(root, "run"), "/run", problems);
  check_build_args(root, problems);
  if (const Node* const variants = find(root, "variants", NodeKind::list)) {
    for (std::size_t i = 0; i < variants->items.size(); ++i)
      check_env(variants->items[i], child("/variants", i), problems);
  }
  if (!problems.empty()) return {std::nullopt, problems.take()};
  return {read_stack(root), {}};
}

}  // namespace dyno::stackfile
