// The host's page cache, as far as it holds the files of an image. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ports/container_engine.h"

namespace dyno::docker {

// Asks the kernel to forget the cached pages of every regular file below the folders (posix_fadvise, after writing back what is
// dirty), then counts with mincore(2) what it kept: pages that a process has mapped stay. Symbolic links are not followed.
// unsupported when a folder or a file cannot be read; files that vanish meanwhile are passed over.
Result<ports::EvictionOutcome> evict_files(const std::vector<std::string>& folders);

}  // namespace dyno::docker
