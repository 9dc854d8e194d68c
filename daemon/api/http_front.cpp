#include "api/http_front.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"

namespace dyno::api {
namespace {

std::string peer_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return "unknown";
  const void* address = nullptr;
  if (storage.ss_family == AF_INET) address = &reinterpret_cast<const sockaddr_in&>(storage).sin_addr;
  if (storage.ss_family == AF_INET6) address = &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
  if (address == nullptr || ::inet_ntop(storage.ss_family, address, text.data(), text.size()) == nullptr)
    return "local";
  return text.data();
}

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.fd = fd;
  CHECK(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "a connection cannot be watched");
}

}  // namespace

HttpFront::HttpFront(Clock& clock, FrontLimits limits, std::function<void(Arrival)> on_arrival)
    : clock_(clock),
      limits_(limits),
      on_arrival_(std::move(on_arrival)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(epoll_.get() >= 0 && wake_.get() >= 0, "no file descriptor is left for the HTTP server");
  watch(epoll_.get(), wake_.get());
  thread_ = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
}

HttpFront::~HttpFront() { stop(); }

void HttpFront::stop() {
  thread_.request_stop();
  wake();
  if (thread_.joinable()) thread_.join();
}

void HttpFront::wake() const {
  const std::uint64_t one = 1;
  // A full counter wakes as well; there is nothing to be done about any other fault.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void HttpFront::add(Descriptor connection) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.emplace_back(std::move(connection), false);
  }
  wake();
}

void HttpFront::linger(Descriptor connection) {
  ::shutdown(connection.get(), SHUT_WR);
  {
    const std::lock_guard lock(mutex_);
    inbox_.emplace_back(std::move(connection), true);
  }
  wake();
}

void HttpFront::take_inbox() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(wake_.get(), &count, sizeof count);
  std::vector<std::pair<Descriptor, bool>> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(inbox_);
  }
  for (auto& [descriptor, lingering] : taken) admit(std::move(descriptor), lingering);
}

void HttpFront::admit(Descriptor descriptor, bool lingering) {
  if (connections_.size() >= limits_.connections) {
    const auto older = [](const auto& a, const auto& b) { return a.second.arrived < b.second.arrived; };
    connections_.erase(std::min_element(connections_.begin(), connections_.end(), older));
  }
  const int fd = descriptor.get();
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  Connection connection;
  connection.peer = lingering ? std::string() : peer_of(fd);
  connection.descriptor = std::move(descriptor);
  connection.arrived = clock_.now();
  connection.lingering = lingering;
  const auto [at, inserted] = connections_.emplace(fd, std::move(connection));
  CHECK(inserted, "a descriptor stands for two connections");
  watch(epoll_.get(), fd);
}

void HttpFront::deliver(Connections::iterator at, std::variant<CollectedRequest, Refusal> what) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, at->first, nullptr);
  Arrival arrival{std::move(at->second.descriptor), std::move(at->second.peer), std::move(what)};
  connections_.erase(at);
  on_arrival_(std::move(arrival));
}

void HttpFront::read_some(Connections::iterator at) {
  std::array<char, 16 * 1024> bytes{};
  const ssize_t got = ::recv(at->first, bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  Connection& connection = at->second;
  if (got <= 0) {
    connections_.erase(at);  // closing the descriptor takes it out of epoll
    return;
  }
  if (connection.lingering) return;
  const bool head_was_open = connection.collector.state() == RequestCollector::State::in_head;
  switch (connection.collector.feed(std::string_view(bytes.data(), static_cast<std::size_t>(got)))) {
    case RequestCollector::State::in_head: return;
    case RequestCollector::State::in_body:
      if (head_was_open && connection.collector.head().expects_continue) {
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        ::send(at->first, kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      }
      return;
    case RequestCollector::State::complete:
      deliver(at, CollectedRequest{connection.collector.head(), connection.collector.body()});
      return;
    case RequestCollector::State::refused: deliver(at, connection.collector.refusal()); return;
  }
}

MonotonicTime HttpFront::deadline_of(const Connection& connection) const {
  if (connection.lingering) return connection.arrived + limits_.linger;
  return connection.arrived +
         (connection.collector.state() == RequestCollector::State::in_head ? limits_.head : limits_.whole);
}

void HttpFront::expire(MonotonicTime now) {
  for (auto at = connections_.begin(); at != connections_.end();) {
    const auto next = std::next(at);
    if (deadline_of(at->second) <= now) {
      if (at->second.lingering) {
        connections_.erase(at);
      } else {
        deliver(at, Refusal{408, "request-too-slow", "the request did not arrive in time"});
      }
    }
    at = next;
  }
}

int HttpFront::wait_ms() const {
  if (connections_.empty()) return -1;
  MonotonicTime first = MonotonicTime::max();
  for (const auto& [fd, connection] : connections_) first = std::min(first, deadline_of(connection));
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - clock_.now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 10'000));
}

void HttpFront::work(std::stop_token stop) {
  std::array<epoll_event, 64> events{};
  while (!stop.stop_requested()) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms());
    for (int i = 0; i < count; ++i) {
      const int fd = events.at(static_cast<std::size_t>(i)).data.fd;
      if (fd == wake_.get()) continue;
      if (const auto at = connections_.find(fd); at != connections_.end()) read_some(at);
    }
    // After the reads: an admitted connection may carry the number of one closed above.
    take_inbox();
    expire(clock_.now());
  }
}

}  // namespace dyno::api
