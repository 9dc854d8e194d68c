#include "docker/endpoint.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dyno::docker {

Result<std::string> socket_path_of(std::string_view docker_host) {
  constexpr std::string_view kUnix = "unix://";
  constexpr std::size_t kLongestSocketPath = 107;  // sockaddr_un
  if (docker_host.empty()) return std::string(kDefaultSocket);
  const std::string_view path = docker_host.starts_with(kUnix) ? docker_host.substr(kUnix.size()) : docker_host;
  if (!path.starts_with('/')) {
    return fail(ErrorCode::unsupported,
                fmt::format("cannot reach an engine at \"{}\": only unix:///path/to/docker.sock is supported",
                            visible(docker_host, 200)));
  }
  if (path.size() > kLongestSocketPath)
    return fail(ErrorCode::invalid_argument, "the path of the engine's socket is longer than 107 bytes");
  return std::string(path);
}

}  // namespace dyno::docker
