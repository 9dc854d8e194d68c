#include <fmt/format.h>

#include "runners/load/transport/epoll_transport.h"
#include "runners/load/transport/tls_transport.h"
#include "runners/load/transport/transport.h"
#if DYNO_HAS_LIBURING
#include "runners/load/transport/uring_transport.h"
#endif

namespace dyno::loadgen {
namespace {

Result<std::unique_ptr<Transport>> make_uring(const LoadSpec& spec, const SocketAddresses& addresses,
                                              std::size_t slots) {
#if DYNO_HAS_LIBURING
  return UringTransport::make(addresses, slots, spec.pipeline > 1);
#else
  (void)spec;
  (void)addresses;
  (void)slots;
  return fail(ErrorCode::unsupported, "this dyno-load was built without liburing");
#endif
}

Result<std::unique_ptr<Transport>> make_plain(const LoadSpec& spec, std::size_t slots) {
  const int connections = spec.connections + spec.subscribers;
  const Result<SocketAddresses> addresses = SocketAddresses::make(spec.target, connections);
  if (!addresses) return fail(addresses.error());
  if (const std::int64_t most = most_connections(addresses->at(0)); connections > most) {
    return fail(
        ErrorCode::exhausted,
        fmt::format("{} connections to one address need as many local ports, and net.ipv4.ip_local_port_range has {}",
                    connections, most));
  }
  if (spec.transport == TransportKind::epoll) return EpollTransport::make(*addresses, slots);
  auto uring = make_uring(spec, *addresses, slots);
  // Old kernels lack it, administrators and container profiles switch it off: then epoll does, and the report says which it was.
  const bool may_fall_back =
      spec.transport == TransportKind::automatic && !uring && uring.error().code == ErrorCode::unsupported;
  if (may_fall_back) return EpollTransport::make(*addresses, slots);
  return uring;
}

}  // namespace

Result<std::unique_ptr<Transport>> make_transport(const LoadSpec& spec, std::size_t slots) {
  auto plain = make_plain(spec, slots);
  if (!plain || !spec.tls.is_used) return plain;
  TlsSpec tls = spec.tls;
  tls.http2 = spec.protocol == Protocol::http2;
  return TlsTransport::make(std::move(*plain), tls, slots);
}

}  // namespace dyno::loadgen
