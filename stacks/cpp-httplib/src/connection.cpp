#include "connection.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace {

bool wait_for(socket_t socket, short events, std::chrono::milliseconds timeout) {
  pollfd waited{socket, events, 0};
  int found = 0;
  do {
    found = ::poll(&waited, 1, static_cast<int>(timeout.count()));
  } while (found < 0 && errno == EINTR);
  return found > 0;
}

ssize_t receive(socket_t socket, char* out, std::size_t size, int flags) {
  ssize_t got = 0;
  do {
    got = ::recv(socket, out, size, flags);
  } while (got < 0 && errno == EINTR);
  return got;
}

void to_text(const sockaddr_storage& address, socklen_t length, std::string& ip, int& port) {
  char host[NI_MAXHOST];
  char service[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host, sizeof host, service, sizeof service,
                  NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
    ip = host;
    port = std::atoi(service);
  }
}

}  // namespace

bool Connection::is_readable() const { return wait_for(socket_, POLLIN, timeouts_.read); }

bool Connection::is_writable() const {
  if (!wait_for(socket_, POLLOUT, timeouts_.write)) return false;
  char next = 0;
  return !wait_for(socket_, POLLIN, std::chrono::milliseconds(0)) || receive(socket_, &next, 1, MSG_PEEK) > 0;
}

ssize_t Connection::read(char* out, size_t size) {
  if (begin_ == end_) {
    if (!is_readable()) return -1;
    const ssize_t got = receive(socket_, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  const std::size_t taken = std::min(size, end_ - begin_);
  std::memcpy(out, buffer_.data() + begin_, taken);
  begin_ += taken;
  if (has_head_) body_left_ -= std::min(body_left_, taken);
  return static_cast<ssize_t>(taken);
}

ssize_t Connection::write(const char* data, size_t size) {
  if (!is_writable()) return -1;
  if (status_class_ == 0 && size > 9 && data[9] != '1') status_class_ = data[9];  // "HTTP/1.1 200"; 100 announces another
  ssize_t sent = 0;
  do {
    sent = ::send(socket_, data, size, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) to_text(address, length, ip, port);
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) to_text(address, length, ip, port);
}

bool Connection::has_request(std::chrono::milliseconds wait) const {
  return begin_ < end_ || wait_for(socket_, POLLIN, wait);
}

void Connection::begin_request() {
  has_head_ = false;
  is_chunked_ = false;
  body_left_ = 0;
  status_class_ = 0;
}

void Connection::begin_body(const httplib::Request& request) {
  has_head_ = true;
  is_chunked_ = request.has_header("Transfer-Encoding");
  body_left_ = is_chunked_ ? 0 : request.get_header_value_u64("Content-Length");
}

bool Connection::is_at_next_request() const {
  const bool is_cut = is_chunked_ && status_class_ != '2';
  return has_head_ && body_left_ == 0 && !is_cut;
}
