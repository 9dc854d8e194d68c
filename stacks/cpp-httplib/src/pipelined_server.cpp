#include "pipelined_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"

namespace {

using std::chrono::milliseconds;

milliseconds to_milliseconds(time_t seconds, time_t microseconds) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::seconds(seconds) + std::chrono::microseconds(microseconds));
}

// How often an idle connection looks whether the server is stopping: the library's own interval.
constexpr milliseconds kTick{10};

bool await_request(const Connection& connection, const std::atomic<socket_t>& listener, milliseconds timeout) {
  if (connection.has_request(kTick)) return true;
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (listener != INVALID_SOCKET && std::chrono::steady_clock::now() < end) {
    if (connection.has_request(kTick)) return true;
  }
  return false;
}

}  // namespace

bool PipelinedServer::process_and_close_socket(socket_t socket) {
  Connection connection(socket, {to_milliseconds(read_timeout_sec_, read_timeout_usec_),
                                 to_milliseconds(write_timeout_sec_, write_timeout_usec_)});
  std::string remote_ip, local_ip;
  int remote_port = 0, local_port = 0;
  connection.get_remote_ip_and_port(remote_ip, remote_port);
  connection.get_local_ip_and_port(local_ip, local_port);

  bool is_closed = false;
  bool is_answered = true;
  while (is_answered && !is_closed && await_request(connection, svr_sock_, std::chrono::seconds(keep_alive_timeout_sec_))) {
    const bool is_last = svr_sock_ == INVALID_SOCKET;
    connection.begin_request();
    is_answered = process_request(connection, remote_ip, remote_port, local_ip, local_port, is_last, is_closed,
                                  [&connection](httplib::Request& request) { connection.begin_body(request); });
    if (is_last || !connection.is_at_next_request()) is_closed = true;
  }
  ::shutdown(socket, SHUT_RDWR);
  ::close(socket);
  return is_answered;
}
