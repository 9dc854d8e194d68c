#include "runners/load/transport/uring_transport.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace dyno::loadgen {
namespace {

constexpr unsigned kSubmissions = 1024;
constexpr unsigned kBuffers = 256;
constexpr std::size_t kBufferBytes = 2048;            // 256 of them fill half of a usual L2 cache
constexpr std::size_t kPipelinedBufferBytes = 32768;  // many answers in one receive: fewer completions count for more
constexpr std::size_t kUntrackedBytes = 4096;
constexpr unsigned kBatch = 256;  // completions told before the loop looks at its clock again
constexpr int kGroup = 0;

std::uint64_t tag_of(Slot slot, std::uint32_t generation, std::uint8_t operation) {
  return static_cast<std::uint64_t>(generation) << 32 | static_cast<std::uint64_t>(slot) << 4 | operation;
}

}  // namespace

Result<std::unique_ptr<Transport>> UringTransport::make(const SocketAddresses& addresses, std::size_t slots,
                                                        bool pipelined) {
  std::unique_ptr<UringTransport> transport(new UringTransport(addresses, slots, pipelined));
  const Status status = transport->set_up(slots);
  if (!status) return fail(status.error());
  return transport;
}

UringTransport::UringTransport(const SocketAddresses& addresses, std::size_t slots, bool pipelined)
    : addresses_(addresses),
      pipelined_(pipelined),
      buffer_bytes_(pipelined ? kPipelinedBufferBytes : kBufferBytes),
      sockets_(slots) {
  failures_.resize(slots);  // its pages are touched now, not when the server goes away
  failures_.clear();
}

Status UringTransport::set_up(std::size_t slots) {
  const auto refused = [](std::string_view what, int rc) {
    return fail(ErrorCode::unsupported, error_from_errno(what, -rc).message);
  };
  io_uring_params parameters{};
  // Disabled at first: the thread that enables it becomes its only submitter, and that is not the one that makes it.
  parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_R_DISABLED |
                     IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL;
  parameters.cq_entries = static_cast<unsigned>(std::max<std::size_t>(4096, 2 * slots));
  int rc = io_uring_queue_init_params(kSubmissions, &ring_, &parameters);
  if (rc < 0) return refused("io_uring", rc);
  has_ring_ = true;
  rc = io_uring_register_files_sparse(&ring_, static_cast<unsigned>(slots));
  if (rc < 0) return refused("registering sockets with io_uring", rc);

  // liburing 2.3 (Debian 12) has no helper for this: page-aligned memory, registered, then filled.
  buffer_ring_bytes_ = kBuffers * sizeof(io_uring_buf);
  void* const memory = mmap(nullptr, buffer_ring_bytes_, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (memory == MAP_FAILED) return refused("mmap", -errno);
  buffer_ring_ = static_cast<io_uring_buf_ring*>(memory);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uint64_t>(memory);
  registration.ring_entries = kBuffers;
  registration.bgid = kGroup;
  rc = io_uring_register_buf_ring(&ring_, &registration, 0);
  if (rc < 0) return refused("registering buffers with io_uring", rc);
  buffers_.reset(new char[kBuffers * buffer_bytes_]);
  io_uring_buf_ring_init(buffer_ring_);
  for (unsigned i = 0; i < kBuffers; ++i) give_back(static_cast<std::uint16_t>(i));
  return {};
}

void UringTransport::close_sockets() {
  for (Socket& socket : sockets_) {
    const int fd = std::exchange(socket.fd, -1);
    if (fd >= 0) ::close(fd);
  }
}

UringTransport::~UringTransport() {
  close_sockets();
  if (has_ring_) io_uring_queue_exit(&ring_);
  if (buffer_ring_ != nullptr) munmap(buffer_ring_, buffer_ring_bytes_);
}

void UringTransport::give_back(std::uint16_t buffer) {
  io_uring_buf_ring_add(buffer_ring_, buffers_.get() + buffer * buffer_bytes_, static_cast<unsigned>(buffer_bytes_),
                        buffer, io_uring_buf_ring_mask(kBuffers), 0);
  io_uring_buf_ring_advance(buffer_ring_, 1);
}

void UringTransport::submit() {
  // liburing 2.3 declares io_uring_enable_rings and forgot to export it.
  if (!std::exchange(is_enabled_, true))
    syscall(__NR_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  io_uring_submit(&ring_);
}

io_uring_sqe* UringTransport::next_entry() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (entry == nullptr) {  // full: the kernel takes them all
    submit();
    entry = io_uring_get_sqe(&ring_);
  }
  return entry;
}

void UringTransport::tag(io_uring_sqe* entry, Slot slot, Operation operation) const {
  entry->user_data = tag_of(slot, sockets_[slot].generation, static_cast<std::uint8_t>(operation));
  entry->flags = static_cast<std::uint8_t>(entry->flags | IOSQE_FIXED_FILE);
}

void UringTransport::open(Slot slot) {
  sockets_[slot].address = addresses_.first();
  sockets_[slot].tried = 0;
  begin_connect(slot);
}

void UringTransport::begin_connect(Slot slot) {
  Socket& socket = sockets_[slot];
  const SocketAddress& address = addresses_.at(socket.address);
  ++socket.tried;
  ++socket.generation;
  socket.connecting = true;
  socket.fd = open_socket(address, false, slot);
  socket.is_sending = false;
  socket.next = {};
  int error = socket.fd < 0 ? errno : 0;
  if (error == 0) {
    const int rc = io_uring_register_files_update(&ring_, slot, &socket.fd, 1);
    if (rc < 0) error = -rc;
  }
  if (error != 0) return failures_.push_back({slot, socket.generation, error});
  io_uring_sqe* const entry = next_entry();
  io_uring_prep_connect(entry, static_cast<int>(slot), address.get(), address.size);
  tag(entry, slot, Operation::connect);
}

void UringTransport::send(Slot slot, std::string_view bytes) {
  // Unpipelined requests are small and alone on their way: nothing can overtake them, so nobody needs to hear of their success.
  const bool tracked = pipelined_ || bytes.size() > kUntrackedBytes;
  Socket& socket = sockets_[slot];
  if (!socket.is_sending) return start_send(slot, bytes, tracked);
  if (socket.next.empty()) {
    socket.next = bytes;
  } else {
    failures_.push_back({slot, socket.generation, ENOBUFS});
  }
}

void UringTransport::start_send(Slot slot, std::string_view bytes, bool tracked) {
  io_uring_sqe* const entry = next_entry();
  io_uring_prep_send(entry, static_cast<int>(slot), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_WAITALL);
  tag(entry, slot, tracked ? Operation::tracked_send : Operation::send);
  sockets_[slot].is_sending = tracked;
  sockets_[slot].sending = bytes;
  if (!tracked) entry->flags = static_cast<std::uint8_t>(entry->flags | IOSQE_CQE_SKIP_SUCCESS);
}

void UringTransport::receive(Slot slot) {
  io_uring_sqe* const entry = next_entry();
  io_uring_prep_recv_multishot(entry, static_cast<int>(slot), nullptr, 0, 0);
  entry->buf_group = kGroup;
  tag(entry, slot, Operation::receive);
  entry->flags = static_cast<std::uint8_t>(entry->flags | IOSQE_BUFFER_SELECT);
}

void UringTransport::close(Slot slot) {
  Socket& socket = sockets_[slot];
  // Given up by the caller while it took too long: the next connect has better begin elsewhere.
  if (std::exchange(socket.connecting, false)) addresses_.prefer(addresses_.after(socket.address));
  ++socket.generation;
  const int fd = std::exchange(socket.fd, -1);
  if (fd < 0) return;
  // Entries not yet submitted name the slot, not the socket: they must not reach the slot's next one.
  if (io_uring_sq_ready(&ring_) != 0) submit();
  shutdown(fd, SHUT_RDWR);  // ends the receive that is still armed
  int none = -1;
  io_uring_register_files_update(&ring_, slot, &none, 1);
  ::close(fd);
}

void UringTransport::leave(Slot slot) {
  if (sockets_[slot].fd >= 0 && io_uring_sq_ready(&ring_) != 0) submit();
  cut_off(sockets_[slot].fd);
  close(slot);
}

void UringTransport::enter(std::int64_t timeout_ns) {
  if (!is_enabled_) submit();
  if (timeout_ns <= 0 || io_uring_cq_ready(&ring_) != 0) {
    io_uring_submit_and_get_events(&ring_);
    return;
  }
  __kernel_timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  io_uring_cqe* completion = nullptr;
  io_uring_submit_and_wait_timeout(&ring_, &completion, 1, &timeout, nullptr);
}

void UringTransport::poll(std::int64_t timeout_ns, TransportListener& listener) {
  enter(failures_.empty() ? timeout_ns : 0);
  const unsigned ready = std::min(io_uring_cq_ready(&ring_), kBatch);
  if (ready == 0 && failures_.empty()) return;
  listener.on_wake();
  for (unsigned i = 0; i < ready; ++i) {
    io_uring_cqe* completion = nullptr;
    if (io_uring_peek_cqe(&ring_, &completion) != 0) break;
    const io_uring_cqe copy = *completion;
    io_uring_cqe_seen(&ring_, completion);
    handle(copy, listener);
  }
  if (!failures_.empty()) tell_failures(listener);
}

void UringTransport::tell_failures(TransportListener& listener) {
  const std::size_t count = failures_.size();  // what fails while these are told waits for the next round
  for (std::size_t i = 0; i < count; ++i) {
    const Failure failure = failures_[i];
    if (sockets_[failure.slot].generation == failure.generation) end(failure.slot, failure.error, listener);
  }
  failures_.erase(failures_.begin(), failures_.begin() + static_cast<std::ptrdiff_t>(count));
}

void UringTransport::end(Slot slot, int error, TransportListener& listener) {
  Socket& socket = sockets_[slot];
  const bool has_further = socket.connecting && socket.tried < addresses_.count();
  close(slot);
  if (has_further) {
    socket.address = addresses_.after(socket.address);
    return begin_connect(slot);
  }
  listener.on_end(slot, error);
}

void UringTransport::handle(const io_uring_cqe& completion, TransportListener& listener) {
  const auto slot = static_cast<Slot>(completion.user_data >> 4 & 0x0fffffff);
  const auto operation = static_cast<Operation>(completion.user_data & 15);
  if (sockets_[slot].generation != static_cast<std::uint32_t>(completion.user_data >> 32)) {
    if ((completion.flags & IORING_CQE_F_BUFFER) != 0)
      give_back(static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT));
    return;
  }
  switch (operation) {
    case Operation::connect:
      if (completion.res < 0) return end(slot, -completion.res, listener);
      sockets_[slot].connecting = false;
      addresses_.prefer(sockets_[slot].address);
      receive(slot);
      return listener.on_open(slot);
    case Operation::receive: return handle_receive(slot, completion, listener);
    case Operation::send:
      if (completion.res < 0) return end(slot, -completion.res, listener);
      return;
    case Operation::tracked_send: return handle_tracked_send(slot, completion.res, listener);
  }
}

void UringTransport::handle_receive(Slot slot, const io_uring_cqe& completion, TransportListener& listener) {
  const std::uint32_t generation = sockets_[slot].generation;
  if (completion.res == 0) return end(slot, 0, listener);
  if (completion.res < 0 && completion.res != -ENOBUFS) return end(slot, -completion.res, listener);
  if (completion.res > 0) {
    const auto buffer = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
    listener.on_bytes(slot, {buffers_.get() + buffer * buffer_bytes_, static_cast<std::size_t>(completion.res)});
    give_back(buffer);
  }
  // The kernel disarms a multishot receive when it runs out of buffers, or of patience.
  if ((completion.flags & IORING_CQE_F_MORE) == 0 && sockets_[slot].generation == generation) receive(slot);
}

void UringTransport::handle_tracked_send(Slot slot, int result, TransportListener& listener) {
  Socket& socket = sockets_[slot];
  if (result < 0) return end(slot, -result, listener);
  const auto sent = static_cast<std::size_t>(result);
  if (sent < socket.sending.size()) return start_send(slot, socket.sending.substr(sent), true);
  socket.is_sending = false;
  if (!socket.next.empty()) return start_send(slot, std::exchange(socket.next, {}), true);
  listener.on_sent(slot);
}

}  // namespace dyno::loadgen
