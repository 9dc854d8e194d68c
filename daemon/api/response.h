// An answer as the handlers make it: a status, headers and a body, whole or in pieces, or a stream that is written while it lasts.
// Values only; a stream runs on a thread of its own.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "api/request.h"

namespace dyno::api {

// Where a stream writes to. Both functions belong to the stream's own thread.
struct StreamSink {
  std::function<bool(std::string_view)> write;  // false: the reader is gone or too slow, end the stream
  std::function<bool()> is_open;                // false once the reader has gone
  std::stop_token stop;                         // the daemon is stopping
};

// The longest wait of a stream for something to write, so how soon it notices that its reader has gone.
inline constexpr auto kStreamWait = std::chrono::seconds(1);

// The next part of a long body; nothing at its end. Called by the worker that writes the answer.
using Pieces = std::function<std::optional<std::string>()>;

struct Response {
  int status = 200;
  std::string content_type;
  Headers headers;
  std::string body;
  Pieces pieces;                                  // set: the body in parts, its length not known beforehand
  std::function<void(const StreamSink&)> stream;  // set: neither is used
};

}  // namespace dyno::api
