// Tar archives for the engine: a build context, a single program, and files that are told. The same files give the same bytes: names
// sorted, times 0, owner 0, modes 0755 or 0644. A context is streamed to a file on disk, so its size costs no memory. Reads files, changes none. Thread-safe: no shared state.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "ports/container_engine.h"

namespace dyno::docker {

// All files of the folder but those its .dockerignore leaves out; the Dockerfile always. Refuses links that leave the folder,
// devices and sockets, names over 1 000 bytes, over 100 000 entries, over 512 MiB (before a byte of them is read), and a file that
// changes its size while it is read.
Result<ports::BuildContext> pack_context(const std::string& folder, const std::string& dockerfile,
                                         const std::stop_token& stop = {});

// One executable file under its base name.
Result<std::string> archive_program(const std::string& path);

// Files as they are told, in their order; paths without the / in front.
Result<std::string> archive_files(const std::vector<ports::CopiedFile>& files);

}  // namespace dyno::docker
