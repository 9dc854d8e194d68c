#include "runners/load/plain_stream.h"

#include <algorithm>

#include "runners/load/clock.h"

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kAfterLastNs = 20'000'000;

}  // namespace

Status PlainStream::open(PlainConnection& connection, std::string_view mark, std::int64_t deadline_ns) {
  parser_.begin(false, kAnyBodyBytes);
  begun_ = true;
  while (!ended_ && (answer_.status == 0 || (!mark.empty() && !holds(mark)))) {
    Status read = read_more(connection, deadline_ns);
    if (!read) return read;
  }
  return {};
}

Status PlainStream::read_bytes(PlainConnection& connection, std::size_t bytes, std::int64_t deadline_ns) {
  while (!ended_ && answer_.body.size() < bytes) {
    Status read = read_more(connection, deadline_ns);
    if (!read) return read;
  }
  return {};
}

Status PlainStream::read_to(PlainConnection& connection, std::string_view mark, std::int64_t deadline_ns) {
  if (!begun_) return fail(ErrorCode::internal, "the stream was not opened");
  while (!ended_ && !holds(mark)) {
    Status read = read_more(connection, deadline_ns);
    if (!read) return read;
  }
  const std::int64_t until = std::min(monotonic_ns() + kAfterLastNs, deadline_ns);
  while (!ended_ && read_more(connection, until)) {
  }
  return {};
}

Status PlainStream::read_more(PlainConnection& connection, std::int64_t deadline_ns) {
  const Result<std::string> bytes = connection.take_bytes(deadline_ns);
  if (!bytes) return fail(bytes.error());
  if (!bytes->empty()) return take(*bytes);
  ended_ = true;
  if (answer_.status == 0) return fail(ErrorCode::io, "reset: the server ended the connection without an answer");
  return {};
}

Status PlainStream::take(std::string_view bytes) {
  using Event = ResponseParser::Event;
  while (!bytes.empty() && !ended_) {
    if (is_raw_) {
      answer_.body += bytes;
      return {};
    }
    const std::string_view before = bytes;
    const Event event = parser_.next(bytes, memo_);
    if (answer_.status == 0) raw_head_ += before.substr(0, before.size() - bytes.size());
    if (event == Event::error) return fail(ErrorCode::io, "bad_framing: " + std::string(to_string(parser_.error())));
    if (event == Event::head) {
      answer_.status = parser_.head().status;
      answer_.headers = headers_of(raw_head_);
      is_raw_ = answer_.status == 101;
    }
    if (event == Event::body) answer_.body += parser_.piece();
    ended_ = ended_ || event == Event::complete;
  }
  return {};
}

}  // namespace dyno::loadgen
