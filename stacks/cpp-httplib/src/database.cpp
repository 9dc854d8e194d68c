#include "database.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <list>

namespace {

using Clock = std::chrono::steady_clock;

// A failure may take two seconds.
constexpr std::chrono::milliseconds kConnect{1500};
constexpr std::chrono::milliseconds kStatement{1800};
// A request holds its connection to the end, so under load a place may be long in coming.
constexpr std::chrono::seconds kPlace{10};

void await_socket(PGconn* connection, short events, Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd waited{PQsocket(connection), events, 0};
  if (left <= 0 || ::poll(&waited, 1, static_cast<int>(left)) == 0) throw DatabaseError("no answer in time");
}

// libpq's own limit counts in seconds and waits for two of them at least.
ConnectionPtr connect(const std::string& url) {
  const auto deadline = Clock::now() + kConnect;
  ConnectionPtr connection(PQconnectStart(url.c_str()));
  if (connection == nullptr || PQstatus(connection.get()) == CONNECTION_BAD) throw DatabaseError("cannot connect");
  PostgresPollingStatusType step = PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK) {
    await_socket(connection.get(), step == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
    step = PQconnectPoll(connection.get());
    if (step == PGRES_POLLING_FAILED) throw DatabaseError(PQerrorMessage(connection.get()));
  }
  return connection;
}

// Reads until the statement is done; the last result is its own.
ResultPtr await_result(PGconn* connection) {
  const auto deadline = Clock::now() + kStatement;
  ResultPtr last;
  while (true) {
    while (PQisBusy(connection) != 0) {
      await_socket(connection, POLLIN, deadline);
      if (PQconsumeInput(connection) == 0) throw DatabaseError(PQerrorMessage(connection));
    }
    ResultPtr next(PQgetResult(connection));
    if (next == nullptr) return last;
    last = std::move(next);
  }
}

bool is_idle(PGconn* connection) {
  return PQstatus(connection) == CONNECTION_OK && PQtransactionStatus(connection) == PQTRANS_IDLE;
}

}  // namespace

ResultPtr Database::Lease::run(const char* sql, const std::vector<int>& parameters) {
  std::array<std::string, 2> texts;
  std::array<const char*, 2> values{};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    texts.at(i) = std::to_string(parameters[i]);
    values.at(i) = texts.at(i).c_str();
  }
  PGconn* connection = connection_.get();
  if (PQsendQueryParams(connection, sql, static_cast<int>(parameters.size()), nullptr, values.data(), nullptr, nullptr, 0) == 0) {
    throw DatabaseError(PQerrorMessage(connection));
  }
  ResultPtr result = await_result(connection);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw DatabaseError(PQresultErrorMessage(result.get()));
  return result;
}

void Database::check() {
  if (url_.empty()) return;
  const bool is_full = [this] {
    const std::lock_guard lock(mutex_);
    return was_full_;
  }();
  if (!is_full) {
    // Holds every connection at once, so that no request has to open one later.
    std::list<Lease> held;
    while (held.size() < limit_) held.emplace_back(*this);
    const std::lock_guard lock(mutex_);
    was_full_ = true;
  }
  Lease(*this).run("SELECT 1");
}

ConnectionPtr Database::take() {
  if (url_.empty()) throw DatabaseError("this run has no database");
  {
    std::unique_lock lock(mutex_);
    if (!given_back_.wait_for(lock, kPlace, [this] { return !idle_.empty() || open_ < limit_; })) {
      throw DatabaseError("no connection became free");
    }
    if (!idle_.empty()) {
      ConnectionPtr connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    ++open_;
  }
  try {
    return connect(url_);
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void Database::give_back(ConnectionPtr connection) {
  if (connection != nullptr && is_idle(connection.get())) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    given_back_.notify_one();
    return;
  }
  // What broke one has most likely broken those at rest, and nobody watches them.
  std::vector<ConnectionPtr> closed;
  {
    const std::lock_guard lock(mutex_);
    closed.swap(idle_);
    open_ -= closed.size() + 1;
  }
  given_back_.notify_all();
}
