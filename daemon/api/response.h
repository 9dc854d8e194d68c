// An answer as the handlers make it: a status, headers and either a body or a stream that is written while it lasts.
// Values only; a stream runs on a thread of its own.
#pragma once

#include <functional>
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

struct Response {
  int status = 200;
  std::string content_type;
  Headers headers;
  std::string body;
  std::function<void(const StreamSink&)> stream;  // set: `body` is not used
};

}  // namespace dyno::api
