#include "stackfile/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;
using model::names_of;

constexpr std::array kBaseKeys{
    required("arg", text(kArgName, 40), "build argument of a FROM line"),
    required("image", text(kImage, 255), "the official image"),
    required("stand_in", text(kImage, 255), "the local image if no registry is reachable"),
};
constexpr Table kBaseTable{kBaseKeys};

}  // namespace

constinit const Shape kBaseEntry = map_of(kBaseTable);

namespace {

constexpr std::array kBuildKeys{
    required("context", text(kInnerPath, 200), "folder of the build context, inside the stack's folder"),
    required("dockerfile", text(kInnerPath, 200), "inside the context"),
    required("base", list_of(kBaseEntry, 1, 10), "base images and their stand-ins"),
    optional("args", dictionary(kArgName, kArgument, 50), "further build arguments"),
    required("network", choice(names_of<model::BuildNetwork>()),
             "packages: access to package registries while building"),
    required("timeout", duration(1s, 2h), "time limit of the build"),
};

}  // namespace

constinit const Table kBuildTable{kBuildKeys};

std::vector<model::BaseImage> read_bases(const Node& map) {
  std::vector<model::BaseImage> bases;
  if (const Node* const base = find(map, "base", NodeKind::list)) {
    for (const Node& entry : base->items)
      bases.push_back({text_at(entry, "arg"), text_at(entry, "image"), text_at(entry, "stand_in")});
  }
  return bases;
}

model::StackBuild read_build(const Node& node) {
  model::StackBuild build;
  build.context = text_at(node, "context");
  build.dockerfile = text_at(node, "dockerfile");
  build.base = read_bases(node);
  build.args = dictionary_at(node, "args");
  build.network = choice_at(node, "network", build.network);
  build.timeout = duration_at(node, "timeout", build.timeout);
  return build;
}

model::Limits read_limits(const Node& node) {
  model::Limits limits;
  limits.memory = bytes_at(node, "memory", limits.memory);
  limits.pids = static_cast<int>(integer_at(node, "pids", limits.pids));
  limits.open_files = static_cast<int>(integer_at(node, "open_files", limits.open_files));
  limits.tmp = bytes_at(node, "tmp", limits.tmp);
  return limits;
}

void check_build_args(const Node& root, ProblemList& problems) {
  const Node& build = map_at(root, "build");
  const Node& args = map_at(build, "args");
  const Node* const base = find(build, "base", NodeKind::list);
  if (base == nullptr) return;
  for (std::size_t i = 0; i < base->items.size(); ++i) {
    const Node* const arg = find(base->items[i], "arg", NodeKind::scalar);
    if (arg == nullptr) continue;
    const auto same = [&](const Node& other) { return text_at(other, "arg") == arg->text; };
    const bool twice = std::any_of(base->items.begin(), base->items.begin() + static_cast<std::ptrdiff_t>(i), same);
    const std::string pointer = child(child("/build/base", i), "arg");
    if (twice) problems.add(arg->mark, pointer, "repeated", fmt::format("base sets {} twice", arg->text));
    if (find(args, arg->text) != nullptr)
      problems.add(arg->mark, pointer, "repeated", fmt::format("{} is set by base and by args", arg->text));
  }
}

}  // namespace dyno::stackfile
