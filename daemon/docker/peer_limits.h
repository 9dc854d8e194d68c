// What the process behind a unix socket may give its containers. An engine without CAP_SYS_RESOURCE (one that itself runs in a
// container or a small virtual machine) cannot raise the limit of open files above its own: a start that asks for more fails.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dyno::docker {

// The most open files a container of the listener on `socket_path` may have; absent: as many as one likes, or not to be known.
std::optional<int> open_files_max(const std::string& socket_path);

// The same from the text of /proc/<pid>/limits and /proc/<pid>/status. Pure.
std::optional<int> open_files_max_of(std::string_view limits, std::string_view status);

}  // namespace dyno::docker
