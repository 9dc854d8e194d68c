// The sockets of both transports: how they are addressed and opened.
#pragma once

#include <cstdint>
#include <vector>

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
  bool is_unix() const { return storage.ss_family == AF_UNIX; }
};

// The first address of the target.
Result<SocketAddress> socket_address(const Target& target, int connections = 1);
// How many connections the target can have from here: the local port range of the network namespace, times the sources.
std::int64_t most_connections(const SocketAddress& address);

// All addresses of a target. Each connect begins with the one that worked last and tries the others in turn. One thread.
class SocketAddresses {
 public:
  static Result<SocketAddresses> make(const Target& target, int connections = 1);

  std::uint32_t first() const { return first_; }
  std::uint32_t count() const { return static_cast<std::uint32_t>(all_.size()); }
  std::uint32_t after(std::uint32_t number) const { return number + 1 == count() ? 0 : number + 1; }
  const SocketAddress& at(std::uint32_t number) const { return all_[number]; }
  void prefer(std::uint32_t number) { first_ = number; }

 private:
  std::vector<SocketAddress> all_;
  std::uint32_t first_ = 0;
};

// A stream socket to connect to the address, with Nagle's algorithm off (a request is one write; waiting for more would only delay
// it); -1: see errno. `number` chooses its source address.
int open_socket(const SocketAddress& address, bool non_blocking, std::uint32_t number = 0);
// Ends a TCP connection that is open at both ends by RST: neither end remembers it. Leaves any other as it is. -1: nothing.
void cut_off(int socket);

}  // namespace dyno::loadgen
