// Reads the frames of a WebSocket server (RFC 6455) from bytes as they arrive, in pieces of any size, and keeps no message: data
// is handed on where it lies, fragments as one message. Strict: what the RFC calls an error is an error here. No allocation after
// construction, no I/O. One reader per connection. And writes frames as a client sends them: one frame per message, masked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runners/load/http/response_parser.h"

namespace dyno::loadgen {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

class FrameReader {
 public:
  enum class Event {
    need_more,  // all input is used
    head,       // a message begins
    piece,      // piece() is a part of it
    message,    // the message is whole: message_bytes(), opcode()
    ping,       // ping() is what the pong must carry
    closed,     // the server says goodbye
    error,      // the connection is of no further use
  };

  // A longer message is an error.
  explicit FrameReader(std::uint64_t max_message_bytes = kMaxBodyBytes) : max_message_bytes_(max_message_bytes) {}

  // Takes bytes off the front of `input` up to the next event.
  Event next(std::string_view& input);

  std::string_view piece() const { return piece_; }
  std::string_view ping() const { return {control_.data(), control_size_}; }
  std::uint64_t message_bytes() const { return message_bytes_; }
  Opcode opcode() const { return opcode_; }
  // Why there was an error: the message is longer than it may be.
  bool is_too_long() const { return is_too_long_; }

 private:
  enum class State : std::uint8_t { first, second, length, payload, control, failed };

  Event fail();
  Event take_first(char c);
  Event take_second(char c);
  Event end_of_header();
  Event end_of_frame();
  Event take_payload(std::string_view& input);
  Event take_control(std::string_view& input);

  std::string_view piece_;
  std::uint64_t left_ = 0;  // of the payload, or the length while it is read
  std::uint64_t message_bytes_ = 0;
  std::uint64_t max_message_bytes_;
  std::array<char, 125> control_{};
  std::uint8_t control_size_ = 0;
  std::uint8_t length_left_ = 0;  // bytes of an extended length
  bool long_form_ = false;        // the extended length has eight bytes
  State state_ = State::first;
  Opcode frame_ = Opcode::text;   // of the frame
  Opcode opcode_ = Opcode::text;  // of the message
  bool is_final_ = false;
  bool in_message_ = false;
  bool is_too_long_ = false;
};

constexpr std::size_t kMaxFrameHeader = 14;

// Writes one final frame to `out`, which has room for kMaxFrameHeader and the payload; returns its end. RFC 6455 wants a new and
// unpredictable mask for each frame; it protects proxies against scripts, so here any well mixed number does.
char* write_frame(char* out, Opcode opcode, std::string_view payload, std::uint32_t mask);

}  // namespace dyno::loadgen
