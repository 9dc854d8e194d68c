// The sockets of both transports: how they are addressed and opened. No state.
#pragma once

#include <cstdint>

#include <sys/socket.h>

#include "base/result.h"
#include "runners/load/load_spec.h"

namespace dyno::loadgen {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  // How many addresses of our own the connections are spread over. One pair of addresses has as many connections as there are local
  // ports (28 232 by default); loopback has addresses to spare.
  std::uint32_t sources = 1;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<SocketAddress> socket_address(const Target& target, int connections = 1);
// How many connections the target can have from here: the local port range of the network namespace, times the sources.
std::int64_t most_connections(const SocketAddress& address);

// A TCP socket with Nagle's algorithm off (a request is one write; waiting for more would only delay it); -1: see errno.
// `number` chooses its source address.
int open_tcp_socket(const SocketAddress& address, bool non_blocking, std::uint32_t number = 0);

}  // namespace dyno::loadgen
