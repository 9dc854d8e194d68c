// What is read of the machine that the engine runs on, past its API: the page cache and the limits of the engine's process.
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/container_engine.h"

namespace dyno::docker {

// The host's page cache, as far as it holds the files of an image. Thread-safe.
// Asks the kernel to forget the cached pages of every regular file below the folders (posix_fadvise, after writing back what is
// dirty), then counts with mincore(2) what it kept: pages that a process has mapped stay. Symbolic links are not followed.
// unsupported when a folder or a file cannot be read; files that vanish meanwhile are passed over.
Result<ports::EvictionOutcome> evict_files(const std::vector<std::string>& folders);

// What the process behind a unix socket may give its containers. An engine without CAP_SYS_RESOURCE (one that itself runs in a
// container or a small virtual machine) cannot raise the limit of open files above its own: a start that asks for more fails.

// The most open files a container of the listener on `socket_path` may have; absent: as many as one likes, or not to be known.
std::optional<int> open_files_max(const std::string& socket_path);

// The same from the text of /proc/<pid>/limits and /proc/<pid>/status. Pure.
std::optional<int> open_files_max_of(std::string_view limits, std::string_view status);

}  // namespace dyno::docker
