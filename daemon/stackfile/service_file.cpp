#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.h"
#include "contract/workloads/registry.h"
#include "stackfile/files.h"
#include "stackfile/parts.h"
#include "stackfile/read_yaml.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 1> kServiceSchema{"service/1"};
constexpr Shape kWorkloadWord = choice(contract::workload_names);
constexpr Shape kEnvWord = text(kEnvName, 100);
// As a profile writes it (profile_file.cpp).
constexpr Shape kUsers = integer(1, 10'000'000);
constexpr Shape kVariantWord = text(kIdentifier, 40);

constexpr std::array kRunKeys{
    optional("command", list_of(kArgument, 1, 200), "arguments of the image's entry point [CMD of the image]"),
    optional("user", text_like_number(kUserName, 40),
             "user of the image, or a user id; never root [the image's own user]"),
    optional("env", dictionary(kEnvName, kEnvValue, 100),
             "environment; {users}, {connections} and {variant} are the profile's"),
    optional("secrets", set_of(kEnvWord, 1, 10), "environment variables with a new random value for each run"),
    optional("writable", boolean(), "true: the root file system can be written to [false; with files: true]"),
};
constexpr Table kRunTable{kRunKeys};

constexpr std::array kLimitKeys{
    optional("memory", bytes(mib(16), mib(1024 * 1024)), "memory limit, without swap [1GiB]"),
    optional("pids", integer(4, 32768), "processes and threads [1024]"),
    optional("open_files", integer(64, 1048576), "file descriptors per process [65535]"),
    optional("tmp", bytes(mib(1), mib(16 * 1024)), "size of /tmp, which is memory [64MiB]"),
    optional("shared_memory", bytes(mib(1), mib(16 * 1024)), "size of /dev/shm [16MiB]"),
};
constexpr Table kLimitTable{kLimitKeys};

constexpr std::array kFileKeys{
    required("from", text(kInnerPath, 200), "a file of this folder"),
    required("to", text(kUrlPath, 200), "absolute, inside the container"),
};
constexpr Table kFileTable{kFileKeys};
constexpr Shape kFileEntry = map_of(kFileTable);

constexpr std::array kCommandKeys{
    required("command", list_of(kArgument, 1, 100), "exec form, run inside the container; exit code 0 is success"),
    required("timeout", duration(100ms, 10min), "time limit"),
};
constexpr Table kCommandTable{kCommandKeys};

constexpr std::array kReadyKeys{
    optional("command", list_of(kArgument, 1, 100), "exec form, run inside the container; exit code 0 is success"),
    optional("port", integer(1, 65535), "or: takes connections there …"),
    optional("path", text(kUrlPath, 200), "… and answers a GET of it with 2xx"),
    optional("timeout", duration(100ms, 10min), "time limit [30s]"),
};
constexpr Table kReadyTable{kReadyKeys};

constexpr std::array<std::string_view, 2> kResetWords{"restart", "none"};
constexpr std::array kResetKeys{
    required("command", list_of(kArgument, 1, 100), "exec form, run inside the container; exit code 0 is success"),
    optional("timeout", duration(100ms, 10min), "time limit [30s]"),
};
constexpr Table kResetTable{kResetKeys};

constexpr std::array kVerifyKeys{
    required("watch", map_of(kCommandTable), "forgets the statements counted so far"),
    required("audit", map_of(kCommandTable), "prints the statements since then, and the connections"),
    required("change", map_of(kCommandTable), "changes rows as its arguments say"),
    required("read", map_of(kCommandTable), "prints the rows whose ids are its arguments"),
    required("restore", map_of(kCommandTable), "rows as at the beginning; no session ends"),
    required("fail", map_of(kCommandTable), "ends all sessions and accepts none"),
    required("stall", map_of(kCommandTable), "lets sessions hang and accepts none"),
    required("recover", map_of(kCommandTable), "ends fail or stall"),
};
constexpr Table kVerifyTable{kVerifyKeys};

constexpr std::array kServiceKeys{
    required("schema", choice(kServiceSchema), "format of this file; first key"),
    required("name", text(kName, 40), "equals the folder"),
    optional("title", text_like_number(kOneLine, 100), "as shown [the name]"),
    optional("build", map_of(kOwnBuildTable), "how the image is built [from the Dockerfile of this folder]"),
    optional("image", text(kImage, 255), "an image that is taken as it is, instead of a build"),
    optional("run", map_of(kRunTable), "how the service is started"),
    optional("limits", map_of(kLimitTable), "of the container"),
    optional("folders", list_of(kFolderEntry, 1, 10), "folders in memory; everything else is read-only"),
    optional("files", list_of(kFileEntry, 1, 50), "files of this folder that are copied into the container"),
    required("ready", map_of(kReadyTable), "repeated until it succeeds, at each start"),
    optional("reset", choice_or_map(kResetWords, kResetTable),
             "before each trial: a command, a new container, or nothing [restart]"),
    optional("verify", map_of(kVerifyTable), "commands that show whether a stack's answers come from the service"),
    optional("app_env", dictionary(kEnvName, kEnvValue, 20),
             "what the app gets; {address}, {host} and {port} are the service's, and each secret has its name"),
    optional("variants", set_of(kVariantWord, 1, 10), "of the data, which a profile may select"),
    optional("users", set_of(kUsers, 1, 10), "how many rows of users a profile may ask for"),
    optional("workloads", set_of(kWorkloadWord, 1, 100), "those that need the service [all]"),
};
constexpr Table kServiceTable{kServiceKeys};

}  // namespace

constinit const Shape kServiceShape = map_of(kServiceTable);

namespace {

using model::Service;

model::ServiceCommand read_command(const Node& node) {
  model::ServiceCommand command;
  command.command = texts_at(node, "command");
  command.timeout = duration_at(node, "timeout", command.timeout);
  return command;
}

model::ServiceVerification read_verification(const Node& node) {
  const auto command = [&](std::string_view key) { return read_command(map_at(node, key)); };
  return {.watch = command("watch"),
          .audit = command("audit"),
          .change = command("change"),
          .read = command("read"),
          .restore = command("restore"),
          .fail = command("fail"),
          .stall = command("stall"),
          .recover = command("recover")};
}

model::ServiceRun read_service_run(const Node& root) {
  const Node& node = map_at(root, "run");
  model::ServiceRun run;
  run.command = texts_at(node, "command");
  run.user = text_at(node, "user");
  run.env = dictionary_at(node, "env");
  run.secrets = texts_at(node, "secrets");
  run.writable = boolean_at(node, "writable", find(root, "files") != nullptr);
  return run;
}

Service read_service(const Node& root) {
  Service service;
  service.name = text_at(root, "name");
  service.title = text_at(root, "title", service.name);
  service.image = text_at(root, "image");
  service.build = read_own_build(map_at(root, "build"));
  service.run = read_service_run(root);
  const Node& limits = map_at(root, "limits");
  service.limits = read_own_limits(limits);
  service.shared_memory = bytes_at(limits, "shared_memory", service.shared_memory);
  service.folders = read_folders(root, "folders");
  if (const Node* const files = find(root, "files", NodeKind::list)) {
    for (const Node& file : files->items) service.files.push_back({text_at(file, "from"), text_at(file, "to")});
  }
  const Node& ready = map_at(root, "ready");
  service.ready = read_command(ready);
  service.ready_port = static_cast<int>(integer_at(ready, "port", 0));
  service.ready_path = text_at(ready, "path");
  const bool has_command = find(root, "reset", NodeKind::map) != nullptr;
  service.reset_by = choice_at(root, "reset", has_command ? model::ResetBy::command : model::ResetBy::restart);
  service.reset = read_command(map_at(root, "reset"));
  if (const Node* const verify = find(root, "verify", NodeKind::map)) service.verification = read_verification(*verify);
  service.app_env = dictionary_at(root, "app_env");
  service.variants = texts_at(root, "variants");
  for (const std::string& users : texts_at(root, "users")) service.users.push_back(parse_int(users).value_or(0));
  service.workloads = texts_at(root, "workloads");
  return service;
}

// ---- what the shape cannot say ----

// A command, or a port with or without a path.
void check_ready(const Node& root, ProblemList& problems) {
  const Node* const ready = find(root, "ready", NodeKind::map);
  if (ready == nullptr || problems.has_below("/ready")) return;
  const Node* const command = find(*ready, "command");
  const Node* const port = find(*ready, "port");
  const Node* const path = find(*ready, "path");
  if (command == nullptr && port == nullptr) {
    problems.add(ready->mark, "/ready/command", "missing_key", "ready needs a command or a port");
  } else if (command != nullptr && (port != nullptr || path != nullptr)) {
    problems.add((port != nullptr ? port : path)->mark, port != nullptr ? "/ready/port" : "/ready/path", "not_here",
                 "ready is either by command, or by port and path");
  }
}

// What is copied in may not be hidden by memory that is mounted over it.
void check_files(const Node& root, ProblemList& problems) {
  const Node* const files = find(root, "files", NodeKind::list);
  if (files == nullptr) return;
  if (const Node* const writable = find(map_at(root, "run"), "writable", NodeKind::scalar);
      writable != nullptr && writable->text == "false")
    problems.add(writable->mark, "/run/writable", "not_here", "files can be copied only into a root that is writable");
  std::vector<std::string> hidden;
  for (const auto& folder : read_folders(root, "folders")) hidden.push_back(folder.path);
  for (std::size_t i = 0; i < files->items.size() && !problems.is_full(); ++i) {
    const Node* const to = find(files->items[i], "to", NodeKind::scalar);
    const std::string pointer = child(child("/files", i), "to");
    if (to == nullptr || problems.has_below(pointer)) continue;
    const auto parts = split(std::string_view(to->text).substr(1), '/');
    if (std::any_of(parts.begin(), parts.end(), [](auto part) { return part.empty() || part == "." || part == ".."; }))
      problems.add(to->mark, pointer, "bad_text", "to must name a file, without //, . and ..");
    std::vector<std::string> over = hidden;
    if (const std::string_view mount = mount_over(to->text); !mount.empty()) over.emplace_back(mount);
    for (const std::string& folder : over) {
      if (to->text == folder || to->text.starts_with(folder + "/"))
        problems.add(
            to->mark, pointer, "hidden",
            fmt::format("{} would be hidden: {} is mounted when the container starts", visible(to->text, 80), folder));
    }
  }
}

// Each {word} of the values must be one of `known`.
void check_placeholders(const Node& values, const std::string& pointer, const std::vector<std::string>& known,
                        ProblemList& problems) {
  for (std::size_t i = 0; i < values.items.size(); ++i) {
    const Node& value = values.items[i];
    if (problems.is_full()) return;
    for (std::size_t open = value.text.find('{'); open != std::string::npos && !problems.is_full();
         open = value.text.find('{', open + 1)) {
      const std::string word = value.text.substr(open + 1, value.text.find('}', open) - open - 1);
      if (std::find(known.begin(), known.end(), word) != known.end()) continue;
      std::string words;
      for (const std::string& k : known) words += (words.empty() ? "" : ", ") + k;
      problems.add(value.mark, child(pointer, values.keys[i].text), "unknown_placeholder",
                   fmt::format("{{{}}} stands for nothing here; known here: {}", visible(word, 60), words));
    }
  }
}

// A service that is told how many rows it shall have says which numbers it can have.
void check_users(const Node& root, ProblemList& problems) {
  const Node& env = map_at(map_at(root, "run"), "env");
  const bool told = std::any_of(env.items.begin(), env.items.end(),
                                [](const Node& value) { return value.text.find("{users}") != std::string::npos; });
  if (!told || find(root, "users") != nullptr) return;
  problems.add(root.mark, "/users", "missing_key",
               "run.env asks for {users}: say in users which numbers the service has");
}

void check_values(const Node& root, ProblemList& problems) {
  std::vector<std::string> known{"users", "connections", "variant"};
  const Node& run = map_at(root, "run");
  check_placeholders(map_at(run, "env"), "/run/env", known, problems);
  known.insert(known.end(), {"address", "host"});
  if (find(map_at(root, "ready"), "port") != nullptr) known.emplace_back("port");
  for (std::string& secret : texts_at(run, "secrets")) known.push_back(std::move(secret));
  check_placeholders(map_at(root, "app_env"), "/app_env", known, problems);
}

}  // namespace

Parsed<Service> parse_service(std::string_view text, const std::string& file) {
  YamlDocument document = read_yaml(text, file);
  ProblemList problems(file);
  problems.add_all(std::move(document.problems));
  if (!document.root) return {std::nullopt, problems.take()};
  const Node& root = *document.root;
  check_shape(root, kServiceShape, "", problems);
  check_schema_first(root, problems);
  check_name_is_folder(root, file, problems);
  check_build_or_image(root, problems);
  check_ready(root, problems);
  check_folders(root, "folders", "", problems);
  check_files(root, problems);
  for (const char* const key : {"ready", "reset"}) check_programs(map_at(root, key), child("", key), problems);
  const Node& verify = map_at(root, "verify");
  for (const NodeKey& key : verify.keys) check_programs(map_at(verify, key.text), child("/verify", key.text), problems);
  check_values(root, problems);
  check_users(root, problems);
  if (!problems.empty()) return {std::nullopt, problems.take()};
  return {read_service(root), {}};
}

}  // namespace dyno::stackfile
