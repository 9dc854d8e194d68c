#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <thread>

#include "environment.h"
#include "pipelined_server.h"
#include "routes.h"
#include "thread_pool.h"

namespace {

// One thread serves one connection, so this is the number of connections served at once; one more waits in a queue.
// A quarter above the 500 subscribers of the widest load profile.
constexpr std::size_t kThreads = 640;

void configure(httplib::Server& server) {
  server.new_task_queue = [] { return new ThreadPool(kThreads); };
  // The library closes after 100 requests or 5 s, which would make connecting a part of every load.
  server.set_keep_alive_max_count(std::numeric_limits<int>::max());
  server.set_keep_alive_timeout(75);
  // Head and body leave in two writes, and Nagle's algorithm would hold the second one back.
  server.set_tcp_nodelay(true);
  server.set_payload_max_length(64 * 1024 * 1024);
}

}  // namespace

int main() {
  // Blocked before the first thread exists, so that only the one that waits for them gets them.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);

  const char* url = std::getenv("DATABASE_URL");
  Database database(url != nullptr ? url : "", environment_int("BENCH_DB_CONNECTIONS", 20));
  Hub hub;
  PipelinedServer server;
  configure(server);
  add_routes(server, database, hub);

  int listener = -1;
  server.set_socket_options([&listener](int socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    listener = socket;
  });
  if (!server.bind_to_port("0.0.0.0", environment_int("PORT", 8080))) {
    std::perror("bind");
    return 1;
  }
  // Debian's library was built with a backlog of 5; the second call only widens it.
  ::listen(listener, SOMAXCONN);

  std::thread stopper([&] {
    int signal = 0;
    sigwait(&stops, &signal);
    server.wait_until_ready();
    hub.close();
    server.stop();
  });
  const bool stopped = server.listen_after_bind();
  if (!stopped) std::quick_exit(1);
  stopper.join();
  return 0;
}
