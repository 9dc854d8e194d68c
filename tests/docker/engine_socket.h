// The unix socket of the engine that the Docker tests use: DOCKER_HOST where it is set, or the usual place.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::tests {

inline Result<std::string> engine_socket() {
  const char* const host = std::getenv("DOCKER_HOST");
  if (host == nullptr || *host == '\0') return std::string("/var/run/docker.sock");
  constexpr std::string_view kUnix = "unix://";
  const std::string_view text(host);
  const std::string_view path = text.starts_with(kUnix) ? text.substr(kUnix.size()) : text;
  if (!path.starts_with('/'))
    return fail(ErrorCode::unsupported, "DOCKER_HOST is not of the form unix:///path/to/docker.sock");
  return std::string(path);
}

}  // namespace dyno::tests
