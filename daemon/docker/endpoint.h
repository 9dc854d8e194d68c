// From the text of DOCKER_HOST to the path of a unix socket. Pure. Other transports are refused: plain TCP is root for anyone.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::docker {

constexpr std::string_view kDefaultSocket = "/var/run/docker.sock";

// Empty text: the default socket. "unix:///run/docker.sock" and a bare absolute path name a socket.
Result<std::string> socket_path_of(std::string_view docker_host);

}  // namespace dyno::docker
