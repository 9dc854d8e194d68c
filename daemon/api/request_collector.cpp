#include "api/request_collector.h"

namespace dyno::api {
namespace {

constexpr std::size_t kMaxLineBytes = kMaxTargetBytes + 32;  // method, blanks and version beside the target

}  // namespace

RequestCollector::State RequestCollector::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  buffer_ = {};
  body_ = {};
  return state_ = State::refused;
}

// Each rule is decided at the byte that breaks it: that makes the result independent of how the bytes arrive.
RequestCollector::State RequestCollector::take_byte_of_head(char c) {
  const bool after_return = !buffer_.empty() && buffer_.back() == '\r';
  if (c == '\n' && !after_return) return refuse({400, "bad-request", "a line ends with a bare line feed"});
  buffer_.push_back(c);
  if (line_end_ == 0 && c == '\n') line_end_ = buffer_.size();
  if (line_end_ == 0 && buffer_.size() > kMaxLineBytes)
    return refuse({414, "target-too-long", "the target is longer than 8 KiB"});
  if (line_end_ != 0 && buffer_.size() - line_end_ > kMaxHeadBytes)
    return refuse({431, "headers-too-large", "the headers are larger than 16 KiB"});
  if (c != '\n' || !buffer_.ends_with("\r\n\r\n")) return state_;
  auto parsed = parse_head(buffer_);
  if (!parsed) return refuse(std::move(parsed.error()));
  head_ = std::move(*parsed);
  buffer_ = {};
  return state_ = head_.content_length == 0 ? State::complete : State::in_body;
}

RequestCollector::State RequestCollector::feed(std::string_view bytes) {
  while (!bytes.empty() && state_ == State::in_head) {
    take_byte_of_head(bytes.front());
    bytes.remove_prefix(1);
  }
  if (state_ == State::in_body) {
    body_.append(bytes.substr(0, head_.content_length - body_.size()));
    if (body_.size() == head_.content_length) state_ = State::complete;
  }
  return state_;
}

}  // namespace dyno::api
