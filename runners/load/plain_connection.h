// One HTTP exchange at a time on one connection, for probing and verification, where being right matters and speed does not. Every
// call ends by its deadline on CLOCK_MONOTONIC. Errors begin with their kind: "timeout: …". One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "runners/load/http/response_parser.h"
#include "runners/load/transport/socket.h"

namespace dyno::loadgen {

struct PlainAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool keep_alive = true;
};

// The header lines of the last block in `raw_head` (interim answers come before it).
std::vector<std::pair<std::string, std::string>> headers_of(std::string_view raw_head);

class PlainConnection {
 public:
  Status connect(const SocketAddress& address, std::int64_t deadline_ns);
  Status send(std::string_view bytes, std::int64_t deadline_ns);
  Result<PlainAnswer> read_answer(bool to_head, std::int64_t deadline_ns);
  // What has come and was not read yet, waiting for it when there is nothing; empty: the server has ended the connection.
  Result<std::string> take_bytes(std::int64_t deadline_ns);
  // Whether the server has ended the connection, waiting for it until the deadline (past: just looking).
  bool ends_by(std::int64_t deadline_ns);
  // Bytes that came behind the last answer.
  bool has_stray_bytes() const { return !left_.empty(); }
  bool is_open() const { return socket_.is_open(); }
  void close();

 private:
  Status await(short events, std::int64_t deadline_ns, std::string_view what);
  Result<std::size_t> receive(std::int64_t deadline_ns);  // appended to left_; 0: ended

  Descriptor socket_;
  std::string left_;
};

}  // namespace dyno::loadgen
