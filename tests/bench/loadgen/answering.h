// What both servers of the benchmark do alike: the answer, the listening socket, the CPU.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace bench {

inline void check(int rc, const char* what) {
  if (rc >= 0) return;
  std::perror(what);
  std::exit(1);
}

// 148 bytes.
inline std::string one_answer() {
  std::string one =
      "HTTP/1.1 200 OK\r\nServer: responder\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\n"
      "Content-Length: 13\r\n\r\nHello, World!";
  one.insert(one.find("\r\nDate"), std::string(148 - one.size(), 'r'));
  return one;
}

// As many bytes, with a body of JSON; each kind has a body, and so a head, of its own length.
inline std::string one_json_answer(int kind) {
  const std::string body = "{\"id\":" + std::to_string(kind) + ",\"token\":\"" +
                           std::string(8 + static_cast<std::size_t>(kind), 't') + "\"}";
  std::string one = "HTTP/1.1 200 OK\r\nServer: r\r\nContent-Type: application/json\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body;
  one.insert(one.find("\r\nContent-Type"), std::string(148 - one.size(), 'r'));
  return one;
}

// On loopback. `flags` of socket(2), such as SOCK_NONBLOCK.
inline int listen_on(int port, int flags) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  check(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  constexpr char kPlain[] = "reno";  // the machine's choice may pace, and keeps the server longer
  setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kPlain, sizeof kPlain - 1);
  check(listen(fd, 65535), "listen");
  return fd;
}

inline void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

}  // namespace bench
