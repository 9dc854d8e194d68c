#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <thread>

#include "pipelined_server.h"
#include "routes.h"

namespace {

// One thread serves one connection from its first byte to its close, so this is the number of connections served
// at once; one more waits in a queue. A quarter above the 256 connections of the widest load profile.
constexpr std::size_t kThreads = 320;

int port_from_environment() {
  const char* text = std::getenv("PORT");
  return text != nullptr ? std::atoi(text) : 8080;
}

void configure(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // The library closes after 100 requests or 5 s, which would make connecting a part of every load.
  server.set_keep_alive_max_count(std::numeric_limits<int>::max());
  server.set_keep_alive_timeout(75);
  // Head and body leave in two writes, and Nagle's algorithm would hold the second one back.
  server.set_tcp_nodelay(true);
}

}  // namespace

int main() {
  // Blocked before the first thread exists, so that only the one that waits for them gets them.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);

  PipelinedServer server;
  configure(server);
  add_routes(server);

  int listener = -1;
  server.set_socket_options([&listener](int socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    listener = socket;
  });
  if (!server.bind_to_port("0.0.0.0", port_from_environment())) {
    std::perror("bind");
    return 1;
  }
  // Debian's library was built with a backlog of 5; the second call only widens it.
  ::listen(listener, SOMAXCONN);

  std::thread stopper([&server, &stops] {
    int signal = 0;
    sigwait(&stops, &signal);
    server.wait_until_ready();
    server.stop();
  });
  const bool stopped = server.listen_after_bind();
  if (!stopped) std::quick_exit(1);
  stopper.join();
  return 0;
}
