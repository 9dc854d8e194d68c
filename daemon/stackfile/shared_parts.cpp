#include "stackfile/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "base/text.h"
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

namespace {

constexpr std::array kOwnBuildKeys{
    optional("context", text(kInnerPath, 200), "folder of the build context, inside this folder [.]"),
    optional("dockerfile", text(kInnerPath, 200), "inside the context [Dockerfile]"),
    optional("target", text(kOneLine, 100), "the stage to build [the last one]"),
    optional("base", list_of(kBaseEntry, 1, 10), "base images and their stand-ins"),
    optional("args", dictionary(kEnvName, kArgument, 50), "build arguments"),
    optional("network", choice(names_of<model::BuildNetwork>()),
             "packages: access to package registries while building [packages]"),
    optional("timeout", duration(1s, 2h), "time limit of the build [20min]"),
};

constexpr std::array kOwnLimitKeys{
    optional("memory", bytes(mib(16), mib(1024 * 1024)), "memory limit, without swap [1GiB]"),
    optional("pids", integer(4, 32768), "processes and threads [1024]"),
    optional("open_files", integer(64, 1048576), "file descriptors per process [65535]"),
    optional("tmp", bytes(mib(1), mib(16 * 1024)), "size of /tmp, which is memory [64MiB]"),
};

constexpr std::array kFolderKeys{
    required("path", text(kUrlPath, 200), "absolute, inside the container"),
    required("size", bytes(mib(1), mib(1024 * 1024)), "counts as memory of the container"),
};
constexpr Table kFolderTable{kFolderKeys};

}  // namespace

constinit const Table kOwnBuildTable{kOwnBuildKeys};
constinit const Table kOwnLimitTable{kOwnLimitKeys};
constinit const Shape kFolderEntry = map_of(kFolderTable);

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
  build.context = text_at(node, "context", build.context);
  build.dockerfile = text_at(node, "dockerfile", build.dockerfile);
  build.target = text_at(node, "target");
  build.base = read_bases(node);
  build.args = dictionary_at(node, "args");
  build.network = choice_at(node, "network", build.network);
  build.timeout = duration_at(node, "timeout", build.timeout);
  return build;
}

model::StackBuild read_own_build(const Node& node) {
  model::StackBuild build = read_build(node);
  build.network = choice_at(node, "network", model::BuildNetwork::packages);
  return build;
}

std::vector<model::TmpFolder> read_folders(const Node& map, std::string_view key) {
  std::vector<model::TmpFolder> folders;
  if (const Node* const list = find(map, key, NodeKind::list)) {
    for (const Node& entry : list->items)
      folders.push_back({text_at(entry, "path"), bytes_at(entry, "size", Bytes{0})});
  }
  return folders;
}

model::Limits read_own_limits(const Node& node) {
  model::Limits limits = read_limits(node);
  limits.pids = static_cast<int>(integer_at(node, "pids", 1024));
  return limits;
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

void check_build_or_image(const Node& root, ProblemList& problems) {
  check_build_args(root, problems);
  const Node* const image = find(root, "image");
  if (image == nullptr || find(root, "build") == nullptr || problems.has_below("/image")) return;
  problems.add(image->mark, "/image", "not_here", "image and build: it is either taken as it is or built");
}

std::string_view mount_over(std::string_view path) {
  static constexpr std::array<std::string_view, 8> kMounts{"/proc", "/sys",       "/dev",          "/.stackdyno",
                                                           "/tmp",  "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"};
  const auto found = std::find_if(kMounts.begin(), kMounts.end(), [&](std::string_view mount) {
    return path == mount || (path.starts_with(mount) && path.substr(mount.size()).starts_with('/'));
  });
  return found == kMounts.end() ? std::string_view() : *found;
}

namespace {

// Why no memory may be mounted there; empty: it may.
std::string why_no_folder(const std::string& path) {
  if (path == "/") return "is the whole file system";
  const auto parts = split(std::string_view(path).substr(1), '/');
  if (std::any_of(parts.begin(), parts.end(), [](auto part) { return part.empty() || part == "." || part == ".."; }))
    return "must be written without //, . and .. and without a / at its end";
  const std::string_view taken = mount_over(path);
  if (taken.empty()) return "";
  return taken == "/tmp" ? "lies in /tmp, whose size is limits.tmp"
                         : fmt::format("lies in {}, which is not its own", taken);
}

}  // namespace

void check_folders(const Node& map, std::string_view key, const std::string& pointer, ProblemList& problems) {
  const Node* const list = find(map, key, NodeKind::list);
  if (list == nullptr) return;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->items.size() && !problems.is_full(); ++i) {
    const Node* const path = find(list->items[i], "path", NodeKind::scalar);
    const std::string at = child(child(child(pointer, key), i), "path");
    if (path == nullptr || problems.has_below(at)) continue;
    const std::string why = seen.insert(path->text).second ? why_no_folder(path->text) : "is there twice";
    if (!why.empty())
      problems.add(path->mark, at, "bad_folder", fmt::format("path {} {}", visible(path->text, 60), why));
  }
}

}  // namespace dyno::stackfile
