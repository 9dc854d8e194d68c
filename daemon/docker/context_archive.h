// Tar archives for the engine, by libarchive, which no other file includes: a build context, and a single program. The same files
// give the same bytes: names sorted, times 0, owner 0, modes 0755 or 0644. Reads files, changes none. Thread-safe: no shared state.
#pragma once

#include <string>

#include "base/result.h"

namespace dyno::docker {

// All files of the folder but those its .dockerignore leaves out; the Dockerfile always. Refuses links that leave the folder,
// devices and sockets, names over 1 000 bytes, over 100 000 entries, and over 512 MiB.
Result<std::string> archive_context(const std::string& folder, const std::string& dockerfile);

// One executable file under its base name.
Result<std::string> archive_program(const std::string& path);

}  // namespace dyno::docker
