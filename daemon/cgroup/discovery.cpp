#include "cgroup/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace dyno::cgroup {
namespace {

// A line of /proc/<pid>/cgroup: "4:memory:/docker/…"; the v2 hierarchy is "0::/…".
struct Membership {
  std::string_view controllers;
  std::string_view path;
  bool is_v2 = false;
};

struct Mount {
  std::string root;  // of the hierarchy, as seen at the mount point
  std::string point;
  std::string_view options;  // of the super block: v1 controllers
  bool is_v2 = false;
};

bool lists(std::string_view comma_separated, std::string_view word) {
  const auto words = split(comma_separated, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<Membership> memberships_of(std::string_view pid_cgroup) {
  std::vector<Membership> memberships;
  for (const std::string_view line : split(pid_cgroup, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    memberships.push_back({controllers, line.substr(second + 1), line.substr(0, first) == "0" && controllers.empty()});
  }
  return memberships;
}

// mountinfo writes blanks and backslashes of a path as \040 and the like.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto is_octal = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && is_octal(i + 1) && is_octal(i + 2) && is_octal(i + 3)) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<Mount> mounts_of(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  for (const std::string_view line : split(mountinfo, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const auto fields = split(line.substr(0, dash), ' ');
    const auto tail = split(line.substr(dash + 3), ' ');
    if (fields.size() < 6 || tail.size() < 3 || (tail[0] != "cgroup" && tail[0] != "cgroup2")) continue;
    mounts.push_back({unescape(fields[3]), unescape(fields[4]), tail[2], tail[0] == "cgroup2"});
  }
  return mounts;
}

// The part of `path` below a mount that shows the hierarchy from `root` on; none if it lies elsewhere.
std::optional<std::string> below(std::string_view path, std::string_view root) {
  if (path.find("/..") != std::string_view::npos) return std::nullopt;  // outside of our cgroup namespace
  if (root == "/") return std::string(path);
  if (!path.starts_with(root)) return std::nullopt;
  const std::string_view rest = path.substr(root.size());
  if (!rest.empty() && rest.front() != '/') return std::nullopt;
  return std::string(rest);
}

Result<ControllerFolder> find_folder(const std::vector<Membership>& memberships, const std::vector<Mount>& mounts,
                                     std::string_view controller) {
  // A v1 line that names the controller wins: a v2 line alone does not mean that v2 has it.
  const auto v1 = std::find_if(memberships.begin(), memberships.end(),
                               [&](const Membership& m) { return lists(m.controllers, controller); });
  const auto v2 = std::find_if(memberships.begin(), memberships.end(), [](const Membership& m) { return m.is_v2; });
  const auto member = v1 != memberships.end() ? v1 : v2;
  if (member == memberships.end())
    return fail(ErrorCode::unsupported, fmt::format("the process is in no cgroup with the {} controller", controller));
  // There the kernel moves a process that has ended: the whole machine would be measured in its name.
  if (member->path == "/")
    return fail(ErrorCode::not_found,
                fmt::format("the process has ended, or is in no cgroup of its own ({})", controller));
  for (const Mount& mount : mounts) {
    if (mount.is_v2 != member->is_v2 || (!mount.is_v2 && !lists(mount.options, controller))) continue;
    if (const auto rest = below(member->path, mount.root)) {
      return ControllerFolder{member->is_v2 ? Version::v2 : Version::v1, mount.point + *rest};
    }
  }
  return fail(ErrorCode::unsupported,
              fmt::format("the cgroup {} ({}) is not visible from here", member->path, controller));
}

}  // namespace

Result<Folders> find_folders(std::string_view pid_cgroup, std::string_view mountinfo) {
  const auto memberships = memberships_of(pid_cgroup);
  const auto mounts = mounts_of(mountinfo);
  const auto memory = find_folder(memberships, mounts, "memory");
  if (!memory) return fail(memory.error());
  const auto cpuacct = find_folder(memberships, mounts, "cpuacct");
  if (!cpuacct) return fail(cpuacct.error());
  const auto cpu = find_folder(memberships, mounts, "cpu");
  if (!cpu) return fail(cpu.error());
  const auto pids = find_folder(memberships, mounts, "pids");
  return Folders{*memory, *cpuacct, *cpu, pids ? std::optional(*pids) : std::nullopt};
}

}  // namespace dyno::cgroup
