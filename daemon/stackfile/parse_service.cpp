#include "stackfile/parse_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "stackfile/check_root.h"
#include "stackfile/check_shape.h"
#include "stackfile/read_value.h"
#include "stackfile/read_yaml.h"
#include "stackfile/service_table.h"
#include "stackfile/shared_parts.h"

namespace dyno::stackfile {
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

Service read_service(const Node& root) {
  Service service;
  service.name = text_at(root, "name");
  service.title = text_at(root, "title");
  service.build = read_build(map_at(root, "build"));
  const Node& run = map_at(root, "run");
  service.run.command = texts_at(run, "command");
  service.run.user = text_at(run, "user");
  service.run.env = dictionary_at(run, "env");
  service.run.secrets = texts_at(run, "secrets");
  const Node& limits = map_at(root, "limits");
  service.limits = read_limits(limits);
  service.shared_memory = bytes_at(limits, "shared_memory", service.shared_memory);
  if (const Node* const folders = find(root, "folders", NodeKind::list)) {
    for (const Node& entry : folders->items)
      service.folders.push_back({text_at(entry, "path"), bytes_at(entry, "size", Bytes{0})});
  }
  service.ready = read_command(map_at(root, "ready"));
  service.reset = read_command(map_at(root, "reset"));
  if (const Node* const verify = find(root, "verify", NodeKind::map)) service.verification = read_verification(*verify);
  service.app_env = dictionary_at(root, "app_env");
  service.variants = texts_at(root, "variants");
  for (const std::string& users : texts_at(root, "users")) service.users.push_back(parse_int(users).value_or(0));
  service.workloads = texts_at(root, "workloads");
  return service;
}

// ---- what the shape cannot say ----

// Each {word} of the values must be one of `known`.
void check_placeholders(const Node& values, const std::string& pointer, const std::vector<std::string>& known,
                        ProblemList& problems) {
  for (std::size_t i = 0; i < values.items.size(); ++i) {
    const Node& value = values.items[i];
    for (std::size_t open = value.text.find('{'); open != std::string::npos; open = value.text.find('{', open + 1)) {
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
  known.emplace_back("address");
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
  check_build_args(root, problems);
  check_values(root, problems);
  check_users(root, problems);
  if (!problems.empty()) return {std::nullopt, problems.take()};
  return {read_service(root), {}};
}

}  // namespace dyno::stackfile
