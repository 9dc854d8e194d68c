#include "runners/load/transport/epoll_transport.h"

#include <cerrno>
#include <utility>

#include <sys/syscall.h>
#include <unistd.h>

namespace dyno::loadgen {
namespace {

std::uint64_t tag(Slot slot, std::uint32_t generation) { return static_cast<std::uint64_t>(generation) << 32 | slot; }

// Not the send and recv of the C library: in a program of several threads they take two atomic steps each for a thread's
// cancellation, which never comes here, and with them 2 % of a request.
ssize_t send_now(int fd, std::string_view bytes) {
  return syscall(SYS_sendto, fd, bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
}

ssize_t receive_now(int fd, char* out, std::size_t room) {
  return syscall(SYS_recvfrom, fd, out, room, 0, nullptr, nullptr);
}

}  // namespace

Result<std::unique_ptr<Transport>> EpollTransport::make(const SocketAddresses& addresses, std::size_t slots) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return fail(error_from_errno("epoll_create1", errno));
  return std::unique_ptr<Transport>(new EpollTransport(epoll, addresses, slots));
}

EpollTransport::EpollTransport(int epoll, const SocketAddresses& addresses, std::size_t slots)
    : epoll_(epoll),
      addresses_(addresses),
      sockets_(slots),
      asked_(slots),
      events_(kEvents),
      buffer_(new char[kBufferBytes]) {
  failures_.resize(slots);  // its pages are touched now, not when the server goes away
  failures_.clear();
}

EpollTransport::~EpollTransport() {
  close_sockets();
  ::close(epoll_);
}

void EpollTransport::close_sockets() {
  for (Slot slot = 0; slot < sockets_.size(); ++slot) close(slot);
}

void EpollTransport::open(Slot slot) {
  sockets_[slot].address = addresses_.first();
  sockets_[slot].tried = 0;
  begin_connect(slot);
}

void EpollTransport::begin_connect(Slot slot) {
  Socket& socket = sockets_[slot];
  const SocketAddress& address = addresses_.at(socket.address);
  ++socket.tried;
  ++socket.generation;
  socket.fd = open_socket(address, true, slot);
  socket.connecting = true;
  socket.unsent = socket.next = {};
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = tag(slot, socket.generation);
  const bool begun = socket.fd >= 0 && epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.fd, &event) == 0 &&
                     (connect(socket.fd, address.get(), address.size) == 0 || errno == EINPROGRESS);
  if (begun) return;
  failures_.push_back({slot, socket.generation, errno});
  // Not left with epoll, which would tell of it as of one that can be written to.
  if (const int fd = std::exchange(socket.fd, -1); fd >= 0) ::close(fd);
}

void EpollTransport::send(Slot slot, std::string_view bytes) {
  Socket& socket = sockets_[slot];
  asked_.push(slot);
  if (!socket.unsent.empty()) {  // the server answered before it had read everything
    if (!socket.next.empty()) failures_.push_back({slot, socket.generation, ENOBUFS});
    socket.next = bytes;
    return;
  }
  socket.unsent = bytes;
  if (!write(slot)) failures_.push_back({slot, socket.generation, errno});
}

bool EpollTransport::write(Slot slot) {
  Socket& socket = sockets_[slot];
  while (!socket.unsent.empty()) {
    const ssize_t n = send_now(socket.fd, socket.unsent);
    if (n < 0) return errno == EAGAIN;  // armed for output since it was opened
    socket.unsent.remove_prefix(static_cast<std::size_t>(n));
    if (socket.unsent.empty()) socket.unsent = std::exchange(socket.next, {});
  }
  return true;
}

void EpollTransport::close(Slot slot) {
  Socket& socket = sockets_[slot];
  // Given up by the caller while it took too long: the next connect has better begin elsewhere.
  if (std::exchange(socket.connecting, false)) addresses_.prefer(addresses_.after(socket.address));
  ++socket.generation;
  asked_.remove(slot);
  const int fd = std::exchange(socket.fd, -1);
  if (fd >= 0) ::close(fd);  // takes it out of the epoll set too
}

void EpollTransport::leave(Slot slot) {
  cut_off(sockets_[slot].fd);
  close(slot);
}

int EpollTransport::wait(std::int64_t timeout_ns) {
  if (has_pwait2_ && timeout_ns > 0) {
    const timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
    const int n = epoll_pwait2(epoll_, events_.data(), kEvents, &timeout, nullptr);
    if (n >= 0 || errno != ENOSYS) return n;
    has_pwait2_ = false;  // a kernel before 5.11: whole milliseconds only
  }
  return epoll_wait(epoll_, events_.data(), kEvents, static_cast<int>(timeout_ns / 1'000'000));
}

void EpollTransport::poll(std::int64_t timeout_ns, TransportListener& listener) {
  if (direct_rounds_ > 0 && failures_.empty()) {
    --direct_rounds_;
    if (read_in_order(listener)) return;
  }
  look(timeout_ns, listener);
}

// Of a server that answers faster than we ask, every connection has its answer by the time its turn comes: the look that would say
// so, a tenth of the time of a request, is spared.
bool EpollTransport::read_in_order(TransportListener& listener) {
  bool told = false;
  for (int i = 0; i < kEvents && !asked_.empty(); ++i) {
    const Slot slot = asked_.oldest();
    const ssize_t n = receive_now(sockets_[slot].fd, buffer_.get(), kBufferBytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return told;
    const int error = n < 0 ? errno : 0;
    if (!told) listener.on_wake();
    told = true;
    if (n <= 0) {
      end(slot, error, listener);
      continue;
    }
    asked_.remove(slot);
    listener.on_bytes(slot, {buffer_.get(), static_cast<std::size_t>(n)});
    // Not asked again: the rest of an answer may be on its way, or the end of the connection, which only another read shows.
    if (!asked_.contains(slot) || static_cast<std::size_t>(n) == kBufferBytes) direct_rounds_ = 0;
  }
  return told;
}

void EpollTransport::look(std::int64_t timeout_ns, TransportListener& listener) {
  const int count = wait(failures_.empty() ? timeout_ns : 0);
  if (count <= 0 && failures_.empty()) return;
  listener.on_wake();
  int readable = 0;
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const auto slot = static_cast<Slot>(events_[at].data.u64 & 0xffffffff);
    const auto generation = static_cast<std::uint32_t>(events_[at].data.u64 >> 32);
    if ((events_[at].events & EPOLLIN) != 0) ++readable;
    if (sockets_[slot].fd >= 0 && sockets_[slot].generation == generation) handle(slot, events_[at].events, listener);
  }
  direct_rounds_ = readable >= kManyReadable ? kDirectRounds : 0;
  if (!failures_.empty()) tell_failures(listener);
}

void EpollTransport::tell_failures(TransportListener& listener) {
  // A listener may open and fail again while it hears of these: those wait for the next round.
  const std::size_t count = failures_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Failure failure = failures_[i];
    if (sockets_[failure.slot].generation == failure.generation) end(failure.slot, failure.error, listener);
  }
  failures_.erase(failures_.begin(), failures_.begin() + static_cast<std::ptrdiff_t>(count));
}

void EpollTransport::end(Slot slot, int error, TransportListener& listener) {
  Socket& socket = sockets_[slot];
  const bool has_further = socket.connecting && socket.tried < addresses_.count();
  close(slot);
  if (has_further) {
    socket.address = addresses_.after(socket.address);
    return begin_connect(slot);
  }
  listener.on_end(slot, error);
}

void EpollTransport::handle(Slot slot, std::uint32_t events, TransportListener& listener) {
  Socket& socket = sockets_[slot];
  if (socket.connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return end(slot, error, listener);
    if ((events & EPOLLOUT) == 0) return;
    socket.connecting = false;
    addresses_.prefer(socket.address);
    listener.on_open(slot);
    if ((events & (EPOLLIN | EPOLLRDHUP)) == 0 || socket.fd < 0) return;
  } else if (!socket.unsent.empty() && (events & EPOLLOUT) != 0) {
    const std::uint32_t generation = socket.generation;
    if (!write(slot)) return end(slot, errno, listener);
    if (socket.unsent.empty()) listener.on_sent(slot);
    if (socket.generation != generation) return;
  }
  // An end that was reported together with data gets no second edge: then read on until it shows.
  const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (ends || (events & EPOLLIN) != 0) read(slot, ends, listener);
}

void EpollTransport::read(Slot slot, bool until_end, TransportListener& listener) {
  Socket& socket = sockets_[slot];
  const std::uint32_t generation = socket.generation;
  while (socket.fd >= 0 && socket.generation == generation) {
    const ssize_t n = receive_now(socket.fd, buffer_.get(), kBufferBytes);
    if (n < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      return end(slot, errno, listener);
    }
    if (n == 0) return end(slot, 0, listener);
    asked_.remove(slot);
    listener.on_bytes(slot, {buffer_.get(), static_cast<std::size_t>(n)});
    // Less than the buffer holds: the socket is drained, and the edge trigger reports whatever comes next.
    if (static_cast<std::size_t>(n) < kBufferBytes && !until_end) return;
  }
}

}  // namespace dyno::loadgen
