#pragma once

// The connections of one thread. Nothing is opened before it is asked for: a stack starts while its database is down.
// Used by its own thread only.

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "database.h"

class ConnectionPool {
 public:
  // A connection for as long as it lives; the destructor gives it back, or closes it when it broke.
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (connection_ != nullptr) pool_->give_back(std::move(connection_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;

    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // An empty url: a run without a database.
  ConnectionPool(Executor executor, std::string url, int connections)
      : executor_(executor), url_(std::move(url)), limit_(static_cast<std::size_t>(connections)) {}

  Task<Lease> lease();

  // The pool is full and the database answers. Without a database there is nothing to wait for.
  Task<void> check();

 private:
  struct Waiter {
    Timer timer;
    bool has_place = false;
  };

  Task<void> await_place();
  void give_back(std::unique_ptr<Connection> connection);

  Executor executor_;
  const std::string url_;
  const std::size_t limit_;
  std::size_t leased_ = 0;
  bool was_full_ = false;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::deque<Waiter*> waiters_;
};
