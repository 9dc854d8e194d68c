// An answer that goes on until somebody ends it, for verification: the events of a stream, unchunked, or the bytes that follow an
// upgrade as they are. Keeps all of it; judges nothing. Calls end by their deadline on CLOCK_MONOTONIC. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runners/load/http/response_parser.h"
#include "runners/load/plain_connection.h"

namespace dyno::loadgen {

class PlainStream {
 public:
  // Reads the head, and on until the body holds `mark`.
  Status open(PlainConnection& connection, std::string_view mark, std::int64_t deadline_ns);
  // Reads on until the body has so many bytes, or the end.
  Status read_bytes(PlainConnection& connection, std::size_t bytes, std::int64_t deadline_ns);
  // Reads on until the body holds `mark`, and for a moment longer, so that what came twice is seen; or until the end where it is
  // empty. Nothing to read after the end.
  Status read_to(PlainConnection& connection, std::string_view mark, std::int64_t deadline_ns);
  bool has_ended() const { return ended_; }
  const PlainAnswer& answer() const { return answer_; }

 private:
  Status read_more(PlainConnection& connection, std::int64_t deadline_ns);
  Status take(std::string_view bytes);
  bool holds(std::string_view mark) const { return !mark.empty() && answer_.body.find(mark) != std::string::npos; }

  ResponseParser parser_;
  HeaderMemo memo_;
  std::string raw_head_;
  PlainAnswer answer_;
  bool begun_ = false;
  bool is_raw_ = false;
  bool ended_ = false;
};

}  // namespace dyno::loadgen
