#include "fakes/stream_server.h"

#include <array>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

namespace dyno::fakes {
namespace {

void put(int fd, const std::string& bytes) { send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

std::string frame(std::uint8_t first, const std::string& payload) {
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126) {
    bytes += static_cast<char>(payload.size());
  } else if (payload.size() < 65536) {
    bytes += static_cast<char>(126);
    for (int shift = 8; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift & 0xff);
  } else {
    bytes += static_cast<char>(127);
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift & 0xff);
  }
  return bytes + payload;
}

std::string chunk(const std::string& text) { return fmt::format("{:x}\r\n{}\r\n", text.size(), text); }

}  // namespace

StreamServer::StreamServer(StreamServerOptions options) : options_(options) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  wake_ = eventfd(0, EFD_CLOEXEC);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0 && listen(listener_, 4096) == 0 &&
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
        "listening on loopback");
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this] { serve(); });
}

StreamServer::~StreamServer() {
  eventfd_write(wake_, 1);
  thread_.join();
  for (const auto& [fd, client] : clients_) close(fd);
  close(listener_);
  close(wake_);
}

void StreamServer::serve() {
  while (true) {
    std::vector<pollfd> all = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& [fd, client] : clients_) all.push_back({fd, POLLIN, 0});
    poll(all.data(), all.size(), -1);
    if (all[0].revents != 0) return;
    for (std::size_t i = 2; i < all.size(); ++i) {
      if (all[i].revents == 0 || read(all[i].fd)) continue;
      close(all[i].fd);
      clients_.erase(all[i].fd);
    }
    if (all[1].revents == 0) continue;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fd >= 0) clients_[fd] = {};
  }
}

bool StreamServer::read(int fd) {
  std::array<char, 65536> bytes;
  const ssize_t n = recv(fd, bytes.data(), bytes.size(), 0);
  if (n <= 0) return false;
  Client& client = clients_[fd];
  client.input.append(bytes.data(), static_cast<std::size_t>(n));
  return client.is_websocket ? take_frames(fd, client) : take_requests(fd, client);
}

bool StreamServer::take_requests(int fd, Client& client) {
  std::string& input = client.input;
  for (std::size_t head = input.find("\r\n\r\n"); head != std::string::npos; head = input.find("\r\n\r\n")) {
    const std::string request = input.substr(0, head + 4);
    const bool is_post = request.starts_with("POST ");
    const std::size_t length_at = request.find("Content-Length: ");
    const std::size_t length = length_at == std::string::npos ? 0 : std::stoul(request.substr(length_at + 16));
    if (input.size() < head + 4 + length) return true;
    const std::string body = input.substr(head + 4, length);
    input.erase(0, head + 4 + length);
    if (is_post) {
      publish(body);
      put(fd, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    } else if (options_.refuse) {
      put(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    } else if (request.find("Upgrade: websocket") != std::string::npos) {
      client.is_websocket = true;
      put(fd,
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
      return take_frames(fd, client);
    } else {
      client.is_subscriber = true;
      put(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  chunk(": ok\n\n"));
    }
  }
  return true;
}

void StreamServer::publish(std::string body) {
  ++messages_;
  if (is_turn(options_.change_every)) body.back() = '!';
  const std::string event = chunk(fmt::format("id: {}\ndata: {}\n\n", messages_.load(), body));
  for (const auto& [fd, client] : clients_) {
    if (!client.is_subscriber) continue;
    ++deliveries_;
    if (options_.skip_every != 0 && deliveries_ % options_.skip_every == 0) continue;
    put(fd, event);
    if (options_.double_every != 0 && deliveries_ % options_.double_every == 0) put(fd, event);
  }
}

bool StreamServer::take_frames(int fd, Client& client) {
  std::string& input = client.input;
  while (input.size() >= 2) {
    const auto at = [&input](std::size_t i) { return static_cast<std::uint8_t>(input[i]); };
    std::size_t length = at(1) & 0x7f;
    std::size_t header = length == 126 ? 4 : length == 127 ? 10 : 2;
    if (input.size() < header) return true;
    if (header > 2) {
      length = 0;
      for (std::size_t i = 2; i < header; ++i) length = length << 8 | at(i);
    }
    const bool is_masked = (at(1) & 0x80) != 0;
    if (!is_masked) {
      ++unmasked_;
      return false;
    }
    header += 4;
    if (input.size() < header + length) return true;
    const std::string mask = input.substr(header - 4, 4);
    std::string payload = input.substr(header, length);
    for (std::size_t i = 0; i < length; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    const std::uint8_t opcode = at(0) & 0x0f;
    input.erase(0, header + length);
    if (opcode == 10) ++pongs_;
    else if (!echo(fd, opcode, std::move(payload))) return false;
  }
  return true;
}

bool StreamServer::echo(int fd, std::uint8_t opcode, std::string payload) {
  ++messages_;
  if (opcode == 8 || is_turn(options_.close_every)) {
    put(fd, frame(0x88, ""));
    return false;
  }
  if (is_turn(options_.change_every)) payload.back() = static_cast<char>(payload.back() ^ 1);
  if (is_turn(options_.ping_every)) put(fd, frame(0x89, "are you there"));
  if (is_turn(options_.fragment_every)) {
    put(fd, frame(opcode, payload.substr(0, payload.size() / 2)));
    put(fd, frame(0x80, payload.substr(payload.size() / 2)));
  } else {
    put(fd, frame(static_cast<std::uint8_t>(0x80 | opcode), payload));
  }
  return true;
}

}  // namespace dyno::fakes
