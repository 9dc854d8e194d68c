// Where a report goes: standard output, or a file that is replaced as a whole, so that nobody ever reads half of one. What is no
// regular file (a pipe, a device) is written as it is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::loadgen {

// Whether `path` can be written, before ten minutes of load: tries it and leaves nothing behind.
Status check_writable(const std::string& path);
// A write that fails is an error, and an earlier file is then as it was. Empty path: standard output.
Status write_output(const std::string& path, std::string_view text);

}  // namespace dyno::loadgen
