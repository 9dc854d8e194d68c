#include "database.h"

#include <array>

namespace {

using std::chrono::milliseconds;

// A failure may take two seconds.
constexpr milliseconds kConnect{1500};
constexpr milliseconds kStatement{1800};

}  // namespace

Connection::Connection(Executor executor, const std::string& url)
    : connection_(PQconnectStart(url.c_str())), wire_(std::make_shared<Wire>(executor)) {}

Connection::~Connection() {
  wire_->deadline.cancel();
  if (wire_->descriptor.is_open()) wire_->descriptor.release();  // the socket is libpq's
  PQfinish(connection_);
}

Task<std::unique_ptr<Connection>> Connection::open(Executor executor, const std::string& url) {
  std::unique_ptr<Connection> connection(new Connection(executor, url));
  if (PQstatus(connection->connection_) == CONNECTION_BAD) throw DatabaseError(PQerrorMessage(connection->connection_));
  connection->set_deadline(kConnect);
  co_await connection->finish_connecting();
  connection->wire_->deadline.cancel();
  PQsetnonblocking(connection->connection_, 1);
  co_return connection;
}

// libpq may go through several sockets before it has one that works.
void Connection::follow_socket() {
  const int socket = PQsocket(connection_);
  auto& descriptor = wire_->descriptor;
  if (descriptor.is_open() && descriptor.native_handle() == socket) return;
  if (descriptor.is_open()) descriptor.release();
  descriptor.assign(socket);
}

Task<void> Connection::finish_connecting() {
  PostgresPollingStatusType step = PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK) {
    follow_socket();
    const auto direction = step == PGRES_POLLING_READING ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
    try {
      co_await wire_->descriptor.async_wait(direction, use_task);
    } catch (const boost::system::system_error&) {
      throw DatabaseError("no connection in time");
    }
    step = PQconnectPoll(connection_);
    if (step == PGRES_POLLING_FAILED) throw DatabaseError(PQerrorMessage(connection_));
  }
  follow_socket();
}

void Connection::set_deadline(milliseconds limit) {
  wire_->deadline.expires_after(limit);
  wire_->deadline.async_wait([wire = wire_](boost::system::error_code error) {
    const bool is_old = wire->deadline.expiry() > std::chrono::steady_clock::now();  // of a statement that was done by then
    if (!error && !is_old) wire->descriptor.cancel(error);
  });
}

Task<ResultPtr> Connection::run(const char* sql, std::vector<int> parameters) {
  std::array<std::string, 2> texts;
  std::array<const char*, 2> values{};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    texts.at(i) = std::to_string(parameters[i]);
    values.at(i) = texts.at(i).c_str();
  }
  if (PQsendQueryParams(connection_, sql, static_cast<int>(parameters.size()), nullptr, values.data(), nullptr, nullptr, 0) == 0) {
    throw DatabaseError(PQerrorMessage(connection_));
  }
  set_deadline(kStatement);
  ResultPtr result;
  try {
    co_await flush();
    result = co_await read_result();
  } catch (const boost::system::system_error&) {
    throw DatabaseError("no answer in time");
  }
  wire_->deadline.cancel();
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw DatabaseError(PQresultErrorMessage(result.get()));
  co_return result;
}

Task<void> Connection::flush() {
  int left = PQflush(connection_);
  while (left > 0) {
    co_await wire_->descriptor.async_wait(asio::posix::descriptor_base::wait_write, use_task);
    left = PQflush(connection_);
  }
  if (left < 0) throw DatabaseError(PQerrorMessage(connection_));
}

// Reads until the statement is done; the last result is its own.
Task<ResultPtr> Connection::read_result() {
  ResultPtr last;
  while (true) {
    while (PQisBusy(connection_) != 0) {
      co_await wire_->descriptor.async_wait(asio::posix::descriptor_base::wait_read, use_task);
      if (PQconsumeInput(connection_) == 0) throw DatabaseError(PQerrorMessage(connection_));
    }
    ResultPtr next(PQgetResult(connection_));
    if (next == nullptr) co_return last;
    last = std::move(next);
  }
}

bool Connection::is_idle() const {
  return PQstatus(connection_) == CONNECTION_OK && PQtransactionStatus(connection_) == PQTRANS_IDLE;
}
