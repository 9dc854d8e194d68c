// The addresses of a host's name. Blocks while the system looks it up.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace dyno::loadgen {

// In the order in which they are to be tried (RFC 6724); at least one.
Result<std::vector<std::string>> addresses_of(const std::string& host);

}  // namespace dyno::loadgen
