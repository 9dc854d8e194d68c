#include "runners/load/transport/epoll_transport.h"
#include "runners/load/transport/transport.h"

namespace dyno::loadgen {

Result<std::unique_ptr<Transport>> make_transport(TransportKind kind, const Target& target, std::size_t slots) {
  if (kind == TransportKind::io_uring) return fail(ErrorCode::unsupported, "this dyno-load has no io_uring transport");
  return EpollTransport::make(target, slots);
}

}  // namespace dyno::loadgen
