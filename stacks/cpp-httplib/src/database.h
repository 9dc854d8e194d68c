#pragma once

// A fixed pool of libpq connections. Nothing is opened before it is asked for: a stack starts while its database is
// down. Any thread may lease; a lease belongs to one thread.

#include <libpq-fe.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

// The database does not answer, or the run has none: a 503.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct FreeConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ConnectionPtr = std::unique_ptr<PGconn, FreeConnection>;
using ResultPtr = std::unique_ptr<PGresult, FreeResult>;

class Database {
 public:
  // A connection for as long as it lives. The destructor gives it back, or closes it when it broke.
  class Lease {
   public:
    explicit Lease(Database& database) : database_(database), connection_(database.take()) {}
    ~Lease() { database_.give_back(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    // One statement with integers for parameters; throws DatabaseError.
    ResultPtr run(const char* sql, const std::vector<int>& parameters = {});

   private:
    Database& database_;
    ConnectionPtr connection_;
  };

  // An empty url: a run without a database.
  Database(std::string url, int connections) : url_(std::move(url)), limit_(static_cast<std::size_t>(connections)) {}

  // The pool is full and the database answers. Without a database there is nothing to wait for.
  void check();

 private:
  ConnectionPtr take();
  void give_back(ConnectionPtr connection);

  const std::string url_;
  const std::size_t limit_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<ConnectionPtr> idle_;
  std::size_t open_ = 0;
  bool was_full_ = false;
};
