#include "fakes/scripted_server.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"

namespace dyno::fakes {
namespace {

template <class Address>
int listen_at(const Address& address, int backlog) {
  const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
  const int listener = socket(raw->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (raw->sa_family == AF_INET6) setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  CHECK(bind(listener, raw, sizeof address) == 0, "a free address");
  CHECK(listen(listener, backlog) == 0, "a bound socket listens");
  return listener;
}

int listen_as(const ScriptedServerOptions& options) {
  if (!options.unix_path.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options.unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
    unlink(options.unix_path.c_str());
    return listen_at(address, options.backlog);
  }
  const auto port = htons(static_cast<std::uint16_t>(options.port));
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET6, options.address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = port;
    return listen_at(v6, options.backlog);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = port;
  CHECK(inet_pton(AF_INET, options.address.c_str(), &v4.sin_addr) == 1, "an address of loopback");
  return listen_at(v4, options.backlog);
}

}  // namespace

std::string Talk::bytes() {
  std::array<char, 65536> read;
  const ssize_t n = recv(fd_, read.data(), read.size(), 0);
  return {read.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

std::string Talk::request() {
  std::size_t end = input_.find("\r\n\r\n");
  while (end == std::string::npos) {
    const std::string more = bytes();
    if (more.empty()) return {};
    input_ += more;
    end = input_.find("\r\n\r\n");
  }
  std::string head = input_.substr(0, end + 4);
  input_.erase(0, end + 4);
  return head;
}

void Talk::say(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Talk::wait_for_end() {
  while (!bytes().empty()) continue;
}

void Talk::reset() const {
  const linger now{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

ScriptedServer::ScriptedServer(ScriptedServerOptions options) : options_(std::move(options)) {
  listener_ = listen_as(options_);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size);
  if (bound.ss_family == AF_INET) port_ = ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  if (bound.ss_family == AF_INET6) port_ = ntohs(reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
  wake_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::jthread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  eventfd_write(wake_, 1);
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  thread_.join();
  close(listener_);
  close(wake_);
  if (!options_.unix_path.empty()) unlink(options_.unix_path.c_str());
}

void ScriptedServer::serve() {
  while (accepted_.load() < options_.most_accepted) {
    std::array<pollfd, 2> both = {{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}}};
    poll(both.data(), both.size(), -1);
    if (both[1].revents != 0) break;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int number = accepted_++;
    talks_.emplace_back([this, fd, number] { hold(fd, number); });
  }
  talks_.clear();
}

void ScriptedServer::hold(int fd, int number) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  {
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    if (is_ending_) shutdown(fd, SHUT_RDWR);
  }
  Talk talk(fd, number);
  options_.script(talk);
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
  close(fd);
}

}  // namespace dyno::fakes
