#include "runners/load/websocket/frames.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runners/load/http/response_parser.h"

namespace dyno::loadgen {
namespace {

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

}  // namespace

FrameReader::Event FrameReader::fail() {
  state_ = State::failed;
  return Event::error;
}

FrameReader::Event FrameReader::next(std::string_view& input) {
  if (state_ == State::failed) return Event::error;
  // What was handed on before was the last of its frame: told now, for there may be no further byte to tell it at.
  if (state_ == State::payload && left_ == 0) {
    const Event event = end_of_frame();
    if (event != Event::need_more) return event;
  }
  while (!input.empty()) {
    if (state_ == State::payload) return take_payload(input);
    if (state_ == State::control) {
      const Event event = take_control(input);
      if (event != Event::need_more) return event;
      continue;
    }
    const char c = input.front();
    input.remove_prefix(1);
    Event event = Event::need_more;
    if (state_ == State::first) {
      event = take_first(c);
    } else if (state_ == State::second) {
      event = take_second(c);
    } else {
      left_ = left_ << 8 | static_cast<std::uint8_t>(c);
      if (--length_left_ != 0) continue;
      // The shortest form that holds the length is the only right one.
      if (left_ < (long_form_ ? 65536U : 126U)) return fail();
      event = end_of_header();
    }
    if (event != Event::need_more) return event;
  }
  return Event::need_more;
}

FrameReader::Event FrameReader::take_first(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  is_final_ = (byte & 0x80) != 0;
  const std::uint8_t code = byte & 0x0f;
  const bool known = code <= 2 || (code >= 8 && code <= 10);
  frame_ = static_cast<Opcode>(code);
  // No extension was agreed on, so nothing gives the reserved bits a meaning.
  if ((byte & 0x70) != 0 || !known) return fail();
  if (is_control(frame_) ? !is_final_ : in_message_ != (frame_ == Opcode::continuation)) return fail();
  state_ = State::second;
  return Event::need_more;
}

FrameReader::Event FrameReader::take_second(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  if ((byte & 0x80) != 0) return fail();  // a server does not mask
  left_ = byte;
  if (left_ < 126) return end_of_header();
  if (is_control(frame_)) return fail();
  long_form_ = left_ == 127;
  length_left_ = long_form_ ? 8 : 2;
  left_ = 0;
  state_ = State::length;
  return Event::need_more;
}

FrameReader::Event FrameReader::end_of_header() {
  if (is_control(frame_)) {
    control_size_ = 0;
    state_ = State::control;
    return left_ == 0 ? end_of_frame() : Event::need_more;
  }
  const bool begins = frame_ != Opcode::continuation;
  if (begins) {
    opcode_ = frame_;
    message_bytes_ = 0;
    in_message_ = true;
  }
  is_too_long_ = left_ > max_message_bytes_ - message_bytes_;
  if (is_too_long_) return fail();
  state_ = State::payload;
  if (begins) return Event::head;
  return left_ == 0 ? end_of_frame() : Event::need_more;
}

FrameReader::Event FrameReader::end_of_frame() {
  state_ = State::first;
  if (frame_ == Opcode::ping) return Event::ping;
  if (frame_ == Opcode::close) return Event::closed;
  if (frame_ == Opcode::pong || !is_final_) return Event::need_more;
  in_message_ = false;
  return Event::message;
}

FrameReader::Event FrameReader::take_payload(std::string_view& input) {
  piece_ = input.substr(0, left_);
  input.remove_prefix(piece_.size());
  left_ -= piece_.size();
  message_bytes_ += piece_.size();
  return Event::piece;
}

FrameReader::Event FrameReader::take_control(std::string_view& input) {
  const std::string_view bytes = input.substr(0, left_);
  std::copy(bytes.begin(), bytes.end(), control_.begin() + control_size_);
  control_size_ = static_cast<std::uint8_t>(control_size_ + bytes.size());
  input.remove_prefix(bytes.size());
  left_ -= bytes.size();
  return left_ == 0 ? end_of_frame() : Event::need_more;
}

char* write_frame(char* out, Opcode opcode, std::string_view payload, std::uint32_t mask) {
  const auto put = [&out](std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) *out++ = static_cast<char>(value >> (8 * i) & 0xff);
  };
  put(0x80U | static_cast<std::uint8_t>(opcode), 1);
  const int extended = payload.size() < 126 ? 0 : payload.size() < 65536 ? 2 : 8;
  put(0x80U | (extended == 0 ? payload.size() : extended == 2 ? 126 : 127), 1);
  put(payload.size(), extended);
  std::array<char, 4> key;
  std::memcpy(key.data(), &mask, sizeof mask);
  std::memcpy(out, key.data(), key.size());
  out += key.size();
  // Eight bytes at a time: the mask is the only work that grows with the message.
  const std::uint64_t wide = static_cast<std::uint64_t>(mask) << 32 | mask;
  std::size_t at = 0;
  for (; at + 8 <= payload.size(); at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, payload.data() + at, 8);
    eight ^= wide;
    std::memcpy(out + at, &eight, 8);
  }
  for (; at < payload.size(); ++at) out[at] = static_cast<char>(payload[at] ^ key[at % 4]);
  return out + payload.size();
}

}  // namespace dyno::loadgen
