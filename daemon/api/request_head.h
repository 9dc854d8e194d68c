// The strict grammar of a request's head: request line and header lines, ended by an empty line. Whatever two programs could
// understand differently (two lengths, a length beside a transfer coding, folded lines, bare line feeds) is refused here.
// Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/request.h"
#include "base/result.h"

namespace dyno::api {

constexpr std::size_t kMaxTargetBytes = 8 * 1024;
constexpr std::size_t kMaxHeadBytes = 16 * 1024;  // header lines
constexpr std::size_t kMaxHeaderLines = 64;
constexpr std::size_t kMaxBodyBytes = 1024 * 1024;

struct RequestHead {
  std::string method;
  std::string target;
  int minor_version = 1;  // HTTP/1.x
  Headers headers;        // names in lower case; repeated ones joined by ", "
  std::size_t content_length = 0;
  bool expects_continue = false;

  bool operator==(const RequestHead&) const = default;
};

// `head` ends with the empty line.
tl::expected<RequestHead, Refusal> parse_head(std::string_view head);

}  // namespace dyno::api
