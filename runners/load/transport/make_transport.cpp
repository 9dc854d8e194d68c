#include "runners/load/transport/epoll_transport.h"
#include "runners/load/transport/transport.h"
#if DYNO_HAS_LIBURING
#include "runners/load/transport/uring_transport.h"
#endif

namespace dyno::loadgen {
namespace {

Result<std::unique_ptr<Transport>> make_uring(const LoadSpec& spec, std::size_t slots) {
#if DYNO_HAS_LIBURING
  return UringTransport::make(spec.target, slots, spec.pipeline > 1);
#else
  (void)spec;
  (void)slots;
  return fail(ErrorCode::unsupported, "this dyno-load was built without liburing");
#endif
}

}  // namespace

Result<std::unique_ptr<Transport>> make_transport(const LoadSpec& spec, std::size_t slots) {
  if (spec.transport == TransportKind::epoll) return EpollTransport::make(spec.target, slots);
  auto uring = make_uring(spec, slots);
  // Old kernels lack it, administrators and container profiles switch it off: then epoll does, and the report says which it was.
  const bool may_fall_back =
      spec.transport == TransportKind::automatic && !uring && uring.error().code == ErrorCode::unsupported;
  if (may_fall_back) return EpollTransport::make(spec.target, slots);
  return uring;
}

}  // namespace dyno::loadgen
