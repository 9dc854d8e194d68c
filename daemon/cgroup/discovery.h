// Where the kernel keeps a container's accounts: from the text of /proc/<pid>/cgroup and /proc/self/mountinfo to folders, controller
// by controller, because on hybrid hosts there is a v2 hierarchy next to the v1 ones that do the work. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::cgroup {

enum class Version { v1, v2 };

struct ControllerFolder {
  Version version = Version::v1;
  std::string path;  // absolute, as mountinfo names it
  bool operator==(const ControllerFolder&) const = default;
};

struct Folders {
  ControllerFolder memory;
  ControllerFolder cpuacct;                // CPU time
  ControllerFolder cpu;                    // throttling
  std::optional<ControllerFolder> pids{};  // may be missing: nothing that is measured needs it
  bool operator==(const Folders&) const = default;
};

// unsupported when another controller's folder is nowhere mounted or lies outside of what this process sees; not_found when the process
// is in the root cgroup, as one that has ended is.
Result<Folders> find_folders(std::string_view pid_cgroup, std::string_view mountinfo);

}  // namespace dyno::cgroup
