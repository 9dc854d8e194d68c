#include "runners/load/plain_connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "base/text.h"
#include "runners/load/clock.h"

namespace dyno::loadgen {
namespace {

tl::unexpected<Error> failed(std::string_view kind, std::string_view words) {
  return fail(kind == "timeout" ? ErrorCode::timed_out : ErrorCode::io, std::string(kind) + ": " + std::string(words));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> headers_of(std::string_view raw_head) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (std::size_t end = raw_head.find("\r\n"); end != std::string_view::npos && end != 0;
       end = raw_head.find("\r\n")) {
    const std::string_view line = raw_head.substr(0, end);
    raw_head.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    const bool folds = !headers.empty() && (line.front() == ' ' || line.front() == '\t');
    if (folds) {
      headers.back().second += " " + std::string(trim(line));
    } else if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
      headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
    if (raw_head.starts_with("\r\nHTTP/")) {
      headers.clear();
      raw_head.remove_prefix(2);
    }
  }
  return headers;
}

void PlainConnection::close() {
  socket_.close();
  left_.clear();
}

Status PlainConnection::await(short events, std::int64_t deadline_ns, std::string_view what) {
  while (true) {
    const std::int64_t left_ns = std::max<std::int64_t>(deadline_ns - monotonic_ns(), 0);
    const timespec timeout{left_ns / 1'000'000'000, left_ns % 1'000'000'000};
    pollfd descriptor{socket_.get(), events, 0};
    const int ready = ppoll(&descriptor, 1, &timeout, nullptr);
    if (ready > 0) return {};
    if (ready == 0) return failed("timeout", what);
    if (errno != EINTR) return failed("reset", std::strerror(errno));
  }
}

Status PlainConnection::connect(const SocketAddress& address, std::int64_t deadline_ns) {
  close();
  socket_ = Descriptor(open_socket(address, true));
  if (!is_open()) return failed("connect", std::strerror(errno));
  int error = ::connect(socket_.get(), address.get(), address.size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    Status ready = await(POLLOUT, deadline_ns, "the connection was not accepted in time");
    socklen_t size = sizeof error;
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (!ready) {
      close();
      return ready;
    }
  }
  if (error == 0) return {};
  close();
  return failed("connect", std::strerror(error));
}

Status PlainConnection::send(std::string_view bytes, std::int64_t deadline_ns) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      Status ready = await(POLLOUT, deadline_ns, "the server does not read the request");
      if (!ready) return ready;
    } else if (errno != EINTR) {
      return failed("reset", std::strerror(errno));
    }
  }
  return {};
}

Result<std::size_t> PlainConnection::receive(std::int64_t deadline_ns) {
  std::array<char, 65536> bytes;
  while (true) {
    const ssize_t n = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (n >= 0) {
      left_.append(bytes.data(), static_cast<std::size_t>(n));
      return static_cast<std::size_t>(n);
    }
    if (errno != EAGAIN && errno != EINTR) return failed("reset", std::strerror(errno));
    Status ready = await(POLLIN, deadline_ns, "no whole answer in time");
    if (!ready) return fail(ready.error());
  }
}

Result<std::string> PlainConnection::take_bytes(std::int64_t deadline_ns) {
  if (left_.empty()) {
    const Result<std::size_t> received = receive(deadline_ns);
    if (!received) return fail(received.error());
  }
  return std::exchange(left_, {});
}

Result<PlainAnswer> PlainConnection::read_answer(bool to_head, std::int64_t deadline_ns) {
  using Event = ResponseParser::Event;
  ResponseParser parser;
  HeaderMemo memo;
  PlainAnswer answer;
  std::string raw_head;
  bool in_head = true;
  parser.begin(to_head);
  Event event = Event::need_more;
  while (event != Event::complete) {
    if (event == Event::error) {
      const std::string_view what = to_string(parser.error());
      if (in_head) return failed("bad_framing", what);
      return failed("bad_framing", fmt::format("{}; of the body {} bytes came: \"{}\"", what, answer.body.size(),
                                               visible(answer.body, 120)));
    }
    if (event == Event::need_more && left_.empty()) {
      const Result<std::size_t> received = receive(deadline_ns);
      if (!received) return fail(received.error());
      if (*received == 0) {
        if (!parser.has_begun()) return failed("reset", "the server ended the connection without an answer");
        event = parser.end_of_input();
        continue;
      }
    }
    std::string_view input = left_;
    event = parser.next(input, memo);
    const std::size_t used = left_.size() - input.size();
    if (in_head) raw_head.append(left_, 0, used);
    if (event == Event::head) in_head = false;
    if (event == Event::body) answer.body += parser.piece();
    left_.erase(0, used);
  }
  answer.status = parser.head().status;
  answer.headers = headers_of(raw_head);
  answer.keep_alive = parser.keep_alive();
  return answer;
}

bool PlainConnection::ends_by(std::int64_t deadline_ns) {
  if (!is_open()) return true;
  char byte = 0;
  while (true) {
    const ssize_t n = ::recv(socket_.get(), &byte, 1, MSG_PEEK);
    if (n == 0) return true;
    if (n > 0) return false;
    if (errno != EAGAIN && errno != EINTR) return true;
    if (!await(POLLIN, deadline_ns, "")) return false;
  }
}

}  // namespace dyno::loadgen
