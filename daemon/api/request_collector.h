// Collects the bytes of one request until it is whole, within the limits, or refused. The same bytes give the same result
// however they are cut. Bytes after the body are not looked at: a connection carries one request. One thread at a time.
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

// The strict grammar of a request's head: request line and header lines, ended by an empty line. Whatever two programs could
// understand differently (two lengths, a length beside a transfer coding, folded lines, bare line feeds) is refused here. Pure.
// `head` ends with the empty line.
tl::expected<RequestHead, Refusal> parse_head(std::string_view head);

class RequestCollector {
 public:
  enum class State { in_head, in_body, complete, refused };

  // Takes what it needs; the rest is dropped.
  State feed(std::string_view bytes);
  State state() const { return state_; }

  const RequestHead& head() const { return head_; }    // from in_body on
  const std::string& body() const { return body_; }    // complete
  const Refusal& refusal() const { return refusal_; }  // refused

 private:
  State refuse(Refusal refusal);
  State take_byte_of_head(char c);

  State state_ = State::in_head;
  std::string buffer_;        // the head so far
  std::size_t line_end_ = 0;  // where the request line ends in it; 0: not yet
  RequestHead head_;
  std::string body_;
  Refusal refusal_;
};

}  // namespace dyno::api
