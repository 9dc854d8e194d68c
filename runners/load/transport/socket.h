// The sockets of both transports: how they are addressed and opened. No state.
#pragma once

#include <sys/socket.h>

#include "base/result.h"
#include "runners/load/load_spec.h"

namespace dyno::loadgen {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<SocketAddress> socket_address(const Target& target);

// A TCP socket with Nagle's algorithm off (a request is one write; waiting for more would only delay it); -1: see errno.
int open_tcp_socket(const SocketAddress& address, bool non_blocking);

}  // namespace dyno::loadgen
