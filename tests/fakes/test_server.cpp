#include "fakes/test_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <unordered_map>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/check.h"
#include "base/clock.h"

namespace dyno::fakes {
namespace {

struct Pending {
  MonotonicTime due;
  std::uint64_t connection = 0;
  Reply reply;
};

struct Connection {
  int fd = -1;
  std::string input;
  std::size_t body_left = 0;  // of a request whose head is read: it is answered before its body has come
};

class Serving {
 public:
  Serving(const TestServerOptions& options, int listener, int wake, std::atomic<std::int64_t>& requests,
          std::atomic<std::int64_t>& connections, std::atomic<std::int64_t>& open)
      : options_(options),
        listener_(listener),
        wake_(wake),
        requests_(requests),
        accepted_(connections),
        open_(open),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        stalled_at_(clock_.now()) {
    watch(listener_, kListener, EPOLLIN);
    watch(wake_, kWake, EPOLLIN);
  }
  ~Serving() {
    for (auto& [id, connection] : connections_) ::close(connection.fd);
    ::close(epoll_);
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  void run() {
    std::array<epoll_event, 128> events{};
    while (true) {
      stall();
      const int count = wait(events);
      const MonotonicTime now = clock_.now();
      for (int i = 0; i < count; ++i) {
        const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
        if (id == kWake) return;
        if (id == kListener) accept_all();
        else read(id, now);
      }
      answer_due();
    }
  }

 private:
  static constexpr std::uint64_t kListener = 0;
  static constexpr std::uint64_t kWake = 1;

  void watch(int fd, std::uint64_t id, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void stall() {
    if (options_.stall_every.count() == 0 || clock_.now() < stalled_at_ + options_.stall_every) return;
    stalled_at_ += options_.stall_every;
    clock_.wait_until(stalled_at_ + options_.stall, {});
  }

  int wait(std::array<epoll_event, 128>& events) {
    MonotonicTime until = clock_.now() + std::chrono::seconds(1);
    if (!pending_.empty()) until = std::min(until, pending_.front().due);
    if (options_.stall_every.count() != 0) until = std::min(until, stalled_at_ + options_.stall_every);
    const Nanos left = std::max(until - clock_.now(), Nanos(0));
    const timespec timeout{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    return epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  }

  void accept_all() {
    for (int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); fd >= 0;
         fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_[next_id_] = {fd, {}, 0};
      watch(fd, next_id_++, EPOLLIN);
      ++accepted_;
      ++open_;
    }
  }

  void read(std::uint64_t id, MonotonicTime now) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    std::array<char, 65536> bytes;
    const ssize_t n = recv(found->second.fd, bytes.data(), bytes.size(), 0);
    if (n <= 0) {
      if (n == 0 || errno != EAGAIN) end(id, false);
      return;
    }
    Connection& connection = found->second;
    const std::size_t skipped = std::min(connection.body_left, static_cast<std::size_t>(n));
    connection.body_left -= skipped;
    std::string& input = connection.input;
    input.append(bytes.data() + skipped, static_cast<std::size_t>(n) - skipped);
    for (std::size_t head = input.find("\r\n\r\n"); head != std::string::npos; head = input.find("\r\n\r\n")) {
      const std::size_t from = input.find(' ') + 1;
      const std::string path = input.substr(from, input.find(' ', from) - from);
      const bool wants_close = input.find("Connection: close\r\n") < head;
      const std::size_t length = input.find("Content-Length: ");
      connection.body_left = length < head ? std::stoul(input.substr(length + 16)) : 0;
      const std::size_t here = std::min(connection.body_left, input.size() - head - 4);
      connection.body_left -= here;
      input.erase(0, head + 4 + here);
      Reply reply = options_.handler(path, requests_++);
      reply.close = reply.close || wants_close;
      pending_.push_back({now + options_.delay, id, std::move(reply)});
    }
  }

  void answer_due() {
    const MonotonicTime now = clock_.now();
    while (!pending_.empty() && pending_.front().due <= now) {
      const Pending next = std::move(pending_.front());
      pending_.pop_front();
      const auto found = connections_.find(next.connection);
      if (found == connections_.end() || next.reply.hold) continue;
      if (!next.reply.bytes.empty())
        send(found->second.fd, next.reply.bytes.data(), next.reply.bytes.size(), MSG_NOSIGNAL);
      if (next.reply.close || next.reply.reset) end(next.connection, next.reply.reset);
    }
  }

  void end(std::uint64_t id, bool reset) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    const linger now{1, 0};
    if (reset) setsockopt(found->second.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(found->second.fd);
    connections_.erase(found);
    --open_;
  }

  const TestServerOptions& options_;
  const int listener_;
  const int wake_;
  std::atomic<std::int64_t>& requests_;
  std::atomic<std::int64_t>& accepted_;
  std::atomic<std::int64_t>& open_;
  const int epoll_;
  RealClock clock_;
  MonotonicTime stalled_at_;
  std::uint64_t next_id_ = 2;
  std::unordered_map<std::uint64_t, Connection> connections_;
  std::deque<Pending> pending_;
};

}  // namespace

Reply ok(const std::string& body) {
  return {
      fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}", body.size(), body)};
}

TestServer::TestServer(TestServerOptions options, int port) : options_(std::move(options)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  CHECK(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "loopback has a free port");
  CHECK(listen(listener_, 4096) == 0, "a bound socket listens");
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  wake_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::jthread([this] { serve(); });
}

TestServer::~TestServer() {
  eventfd_write(wake_, 1);
  thread_.join();
  close(listener_);
  close(wake_);
}

void TestServer::serve() { Serving(options_, listener_, wake_, requests_, connections_, open_).run(); }

}  // namespace dyno::fakes
