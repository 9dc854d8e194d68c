// A stack's folder on disk: its content hash, and the promise that nothing in it leads out of it. Reads files; thread-safe.
#pragma once

#include <string>

#include "base/result.h"

namespace dyno::stackfile {

// "sha256:…" over the sorted relative paths, executable bits and bytes of all regular files, and the targets of links.
// An error for a link that leaves the folder, anything that is neither file, folder nor link, or more than 512 MiB, which is what a build takes.
// Files are read in blocks: their size costs no memory.
Result<std::string> hash_folder(const std::string& folder);

// Success when `relative`, links resolved, is a regular file inside `folder`.
Status check_inner_file(const std::string& folder, const std::string& relative);

}  // namespace dyno::stackfile
