// Collects the bytes of one request until it is whole, within the limits, or refused. The same bytes give the same result
// however they are cut. Bytes after the body are not looked at: a connection carries one request. One thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "api/request.h"
#include "api/request_head.h"

namespace dyno::api {

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
