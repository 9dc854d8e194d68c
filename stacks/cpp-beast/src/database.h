#pragma once

// One connection to PostgreSQL by libpq's non-blocking calls, on the loop of its thread. Not for several threads.

#include <libpq-fe.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "net.h"

// The database does not answer, or the run has none: a 503.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, FreeResult>;

class Connection {
 public:
  // Throws DatabaseError, like run(): within a second and a half, and within 1.8 seconds.
  static Task<std::unique_ptr<Connection>> open(Executor executor, const std::string& url);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One statement with integers for parameters.
  Task<ResultPtr> run(const char* sql, std::vector<int> parameters = {});
  bool is_idle() const;

 private:
  Connection(Executor executor, const std::string& url);
  Task<void> finish_connecting();
  Task<void> flush();
  Task<ResultPtr> read_result();
  void set_deadline(std::chrono::milliseconds limit);
  void follow_socket();

  // Shared with the deadline's handler, which may come late, after the connection is gone.
  struct Wire {
    explicit Wire(Executor executor) : descriptor(executor), deadline(executor) {}
    asio::posix::basic_stream_descriptor<Executor> descriptor;
    Timer deadline;
  };

  PGconn* connection_;
  std::shared_ptr<Wire> wire_;
};
