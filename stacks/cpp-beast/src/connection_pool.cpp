#include "connection_pool.h"

#include <algorithm>
#include <list>

namespace {

// A request holds its connection to the end, so under load a place may be long in coming.
constexpr std::chrono::seconds kPlace{10};

}  // namespace

Task<ConnectionPool::Lease> ConnectionPool::lease() {
  if (url_.empty()) throw DatabaseError("this run has no database");
  if (leased_ == limit_) {
    co_await await_place();
  } else {
    ++leased_;
  }
  std::unique_ptr<Connection> connection;
  if (!idle_.empty()) {
    connection = std::move(idle_.back());
    idle_.pop_back();
    co_return Lease(*this, std::move(connection));
  }
  try {
    connection = co_await Connection::open(executor_, url_);
  } catch (...) {
    give_back(nullptr);
    throw;
  }
  co_return Lease(*this, std::move(connection));
}

// The place itself is handed over: whoever wakes a waiter leaves leased_ as it is.
Task<void> ConnectionPool::await_place() {
  Waiter waiter{Timer(executor_, kPlace)};
  waiters_.push_back(&waiter);
  boost::system::error_code error;
  co_await waiter.timer.async_wait(asio::redirect_error(use_task, error));
  if (waiter.has_place) co_return;
  waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &waiter));
  throw DatabaseError("no connection became free");
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
  if (connection != nullptr && connection->is_idle()) {
    idle_.push_back(std::move(connection));
  } else {
    idle_.clear();  // what broke one has most likely broken those at rest, and nobody watches them
  }
  if (waiters_.empty()) {
    --leased_;
    return;
  }
  Waiter* next = waiters_.front();
  waiters_.pop_front();
  next->has_place = true;
  next->timer.cancel();
}

Task<void> ConnectionPool::check() {
  if (url_.empty()) co_return;
  if (!was_full_) {
    // Holds every connection at once, so that no request has to open one later.
    std::list<Lease> held;
    while (held.size() < limit_) held.push_back(co_await lease());
    was_full_ = true;
  }
  const Lease connection = co_await lease();
  co_await connection->run("SELECT 1");
}
