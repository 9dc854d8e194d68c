#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace dyno::api {

using Clock = std::chrono::steady_clock;

RawClient::RawClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

RawClient::RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawClient::read_until(std::string_view mark, std::chrono::milliseconds limit) const {
  const auto end = Clock::now() + limit;
  std::string text;
  std::array<char, 65536> bytes{};
  while (Clock::now() < end && (mark.empty() || text.find(mark) == std::string::npos)) {
    pollfd wanted{fd_, POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (::poll(&wanted, 1, static_cast<int>(left)) <= 0) break;
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got <= 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string RawClient::read_all(std::chrono::milliseconds limit) const { return read_until({}, limit); }

std::string ask_raw(int port, std::string_view bytes) {
  const RawClient client(port);
  if (!client.connected()) return {};  // nobody listens yet: poll would wait for its whole limit
  client.send(bytes);
  return client.read_all();
}

int status_of(std::string_view answer) {
  return answer.size() < 12 ? 0 : std::atoi(std::string(answer.substr(9, 3)).c_str());
}

std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string() : std::string(answer.substr(end + 4));
}

std::optional<std::string> unchunked(std::string_view body) {
  std::string whole;
  while (true) {
    const std::size_t end = body.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::size_t size = std::stoul(std::string(body.substr(0, end)), nullptr, 16);
    body.remove_prefix(end + 2);
    if (size == 0) return body == "\r\n" ? std::optional<std::string>(std::move(whole)) : std::nullopt;
    if (body.size() < size + 2) return std::nullopt;
    whole.append(body.substr(0, size));
    body.remove_prefix(size + 2);
  }
}

}  // namespace dyno::api
