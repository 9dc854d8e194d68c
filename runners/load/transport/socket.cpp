#include "runners/load/transport/socket.h"

#include <cstdio>
#include <cstring>
#include <limits>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

namespace dyno::loadgen {
namespace {

// The kernel looks for a free local port among every second one of its range, 14,000 as a rule: as that fills, each connect takes
// longer. Beyond this many connections they come from several addresses of the loopback net, up to 8,125 of 65,000 from each.
constexpr int kManyConnections = 10'000;
constexpr std::uint32_t kSources = 8;
constexpr std::uint32_t kLoopbackNet = 0x7f000000;

bool is_loopback(in_addr address) { return (ntohl(address.s_addr) & 0xff000000) == kLoopbackNet; }

Result<SocketAddress> unix_address(const std::string& path) {
  SocketAddress address;
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (path.size() >= sizeof local.sun_path)
    return fail(ErrorCode::invalid_argument, "the path of a unix socket has at most 107 bytes: " + path);
  path.copy(local.sun_path, path.size());
  std::memcpy(&address.storage, &local, sizeof local);
  address.size = sizeof local;
  return address;
}

Result<SocketAddress> ip_address(const std::string& text, int port, int connections) {
  SocketAddress address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.size = sizeof v4;
    if (is_loopback(v4.sin_addr) && connections > kManyConnections) address.sources = kSources;
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&address.storage, &v6, sizeof v6);
    address.size = sizeof v6;
    return address;
  }
  return fail(ErrorCode::invalid_argument, "\"" + text + "\" is not an IP address");
}

}  // namespace

Result<SocketAddress> socket_address(const Target& target, int connections) {
  if (!target.unix_path.empty()) return unix_address(target.unix_path);
  return ip_address(target.address, target.port, connections);
}

Result<SocketAddresses> SocketAddresses::make(const Target& target, int connections) {
  SocketAddresses addresses;
  const Result<SocketAddress> first = socket_address(target, connections);
  if (!first) return fail(first.error());
  addresses.all_.push_back(*first);
  if (first->is_unix()) return addresses;
  for (const std::string& text : target.further) {
    const Result<SocketAddress> further = ip_address(text, target.port, connections);
    if (!further) return fail(further.error());
    addresses.all_.push_back(*further);
  }
  return addresses;
}

std::int64_t most_connections(const SocketAddress& address) {
  if (address.is_unix()) return std::numeric_limits<std::int64_t>::max();
  long long low = 32768;
  long long high = 60999;
  FILE* const file = std::fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
  if (file != nullptr) {
    if (std::fscanf(file, "%lld %lld", &low, &high) != 2) high = low + 28231;
    std::fclose(file);
  }
  return (high - low + 1) * address.sources;
}

int open_socket(const SocketAddress& address, bool non_blocking, std::uint32_t number) {
  const int type = SOCK_STREAM | SOCK_CLOEXEC | (non_blocking ? SOCK_NONBLOCK : 0);
  const int socket = ::socket(address.storage.ss_family, type, 0);
  if (socket < 0) return -1;
  if (address.is_unix()) return socket;
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (address.sources == 1) return socket;
  setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
             sizeof on);  // the port is chosen by connect, for this pair alone
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(kLoopbackNet + 1 + number % address.sources);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0) return socket;
  ::close(socket);
  return -1;
}

void cut_off(int socket) {
  tcp_info state{};
  socklen_t size = sizeof state;
  if (socket < 0 || getsockopt(socket, IPPROTO_TCP, TCP_INFO, &state, &size) != 0) return;
  if (state.tcpi_state != TCP_ESTABLISHED) return;
  const sockaddr nowhere{AF_UNSPEC, {}};
  static_cast<void>(connect(socket, &nowhere, sizeof nowhere));  // where it fails, the socket's close ends it
}

}  // namespace dyno::loadgen
