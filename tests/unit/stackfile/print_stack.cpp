#include "print_stack.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace dyno::stackfile {
namespace {

std::string text(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string list(const std::vector<std::string>& values) {
  std::vector<std::string> parts;
  for (const std::string& value : values) parts.push_back(text(value));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string dictionary(const std::map<std::string, std::string>& values) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : values) parts.push_back(fmt::format("{}: {}", key, text(value)));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

template <class E>
std::string words(const std::vector<E>& values) {
  std::vector<std::string_view> parts;
  for (const E value : values) parts.push_back(model::to_string(value));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string build(const model::StackBuild& build) {
  std::string out =
      fmt::format("build:\n  context: {}\n  dockerfile: {}\n  base:\n", text(build.context), text(build.dockerfile));
  for (const auto& base : build.base) {
    out += fmt::format("    - {{arg: {}, image: {}, stand_in: {}}}\n", base.arg, text(base.image), text(base.stand_in));
  }
  return out + fmt::format("  args: {}\n  network: {}\n  timeout: {}ns\n", dictionary(build.args),
                           model::to_string(build.network), build.timeout.count());
}

std::string run(const model::StackRun& run) {
  std::string out = fmt::format("run:\n  command: {}\n", list(run.command));
  if (!run.command_scaled.empty()) out += fmt::format("  command_scaled: {}\n", list(run.command_scaled));
  return out + fmt::format("  port: {}\n  user: {}\n  env: {}\n  stop: {{signal: {}, grace: {}ns}}\n", run.port,
                           run.user, dictionary(run.env), run.stop_signal, run.stop_grace.count());
}

std::string metadata(const model::StackMetadata& metadata) {
  std::string out = fmt::format(
      "metadata:\n  async_model: {}\n  type_system: {}\n  json: {}\n  validation: {}\n  driver: {}\n  template: {}\n",
      text(metadata.async_model), text(metadata.type_system), text(metadata.json), text(metadata.validation),
      text(metadata.driver), text(metadata.template_engine));
  out += fmt::format("  realtime: {}\n  homepage: {}\n  licence: {}\n", text(metadata.realtime),
                     text(metadata.homepage), text(metadata.licence));
  if (!metadata.notes.empty()) out += fmt::format("  notes: {}\n", text(metadata.notes));
  return out;
}

}  // namespace

std::string print_stack(const model::Stack& stack) {
  std::string out = fmt::format(
      "schema: stack/1\nname: {}\ntitle: {}\nruntime: {}\nruntime_version: {}\nlanguage: {}\nframework: {}\nversion: "
      "{}\nclass: {}\n",
      stack.name, text(stack.title), model::to_string(stack.runtime), text(stack.runtime_version), text(stack.language),
      text(stack.framework), text(stack.version), model::to_string(stack.stack_class));
  out += fmt::format("mode: {{default: {}, offers: {}}}\n", model::to_string(stack.default_mode),
                     words(stack.offered_modes));
  out += build(stack.build) + run(stack.run);
  out += fmt::format("readiness:\n  path: {}\n", text(stack.readiness.path));
  if (!stack.readiness.deep_path.empty()) out += fmt::format("  deep_path: {}\n", text(stack.readiness.deep_path));
  out += fmt::format("  timeout: {}ns\n", stack.readiness.timeout.count());
  out += fmt::format("limits: {{memory: {}B, pids: {}, open_files: {}, tmp: {}B}}\n", stack.limits.memory.value,
                     stack.limits.pids, stack.limits.open_files, stack.limits.tmp.value);
  out += "services: {";
  for (const auto& [name, need] : stack.services) out += fmt::format("{}: {{required: {}}}", name, need.required);
  out += fmt::format("}}\nworkloads: {}\n", fmt::format("[{}]", fmt::join(stack.workloads, ", ")));
  return out + metadata(stack.metadata);
}

}  // namespace dyno::stackfile
