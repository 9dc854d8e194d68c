#include "contract/websocket.h"

#include <fmt/format.h>

#include <array>

namespace dyno::contract {
namespace {

// Any will do: the mask guards proxies against scripts, and there is neither here.
constexpr std::array<unsigned char, 4> kMask{0x37, 0xfa, 0x21, 0x3d};
constexpr unsigned kFinal = 0x80;
constexpr unsigned kMasked = 0x80;
constexpr std::size_t kShortest16 = 126;
constexpr std::size_t kShortest64 = 65536;

std::string big_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i) & 0xFF);
  return text;
}

struct Frame {
  unsigned first = 0;
  std::string_view payload;
};

tl::unexpected<Error> broken(std::string_view why) { return fail(ErrorCode::protocol, std::string(why)); }

// Takes one frame off the front.
Result<Frame> take_frame(std::string_view& bytes) {
  if (bytes.size() < 2) return broken("a frame that ends in its header");
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  if ((byte(1) & kMasked) != 0) return broken("a masked frame from the server");
  std::uint64_t size = byte(1);
  std::size_t header = 2;
  if (size >= 126) {
    header += size == 126 ? 2 : 8;
    if (bytes.size() < header) return broken("a frame that ends in its length");
    const bool is_long = size == 127;
    size = 0;
    for (std::size_t i = 2; i < header; ++i) size = size << 8U | byte(i);
    if (size < (is_long ? kShortest64 : kShortest16)) return broken("a length that is longer than it need be");
  }
  if (bytes.size() - header < size) return broken("a frame that is cut short");
  const Frame frame{byte(0), bytes.substr(header, size)};
  bytes.remove_prefix(header + size);
  return frame;
}

}  // namespace

std::int64_t server_frame_bytes(std::size_t payload) {
  const int length = payload < kShortest16 ? 0 : payload < kShortest64 ? 2 : 8;
  return 2 + length + static_cast<std::int64_t>(payload);
}

std::string client_frame(FrameKind kind, std::string_view payload, bool is_final) {
  std::string frame;
  frame += static_cast<char>((is_final ? kFinal : 0) | static_cast<unsigned>(kind));
  if (payload.size() < kShortest16) frame += static_cast<char>(kMasked | payload.size());
  else if (payload.size() < kShortest64) frame += static_cast<char>(kMasked | 126) + big_endian(payload.size(), 2);
  else frame += static_cast<char>(kMasked | 127) + big_endian(payload.size(), 8);
  for (const unsigned char byte : kMask) frame += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ kMask[i % kMask.size()]);
  return frame;
}

Result<std::vector<Message>> server_messages(std::string_view bytes) {
  std::vector<Message> messages;
  Message joined;
  bool in_message = false;
  while (!bytes.empty()) {
    if (!messages.empty() && messages.back().kind == FrameKind::close) return broken("a frame behind the goodbye");
    const auto frame = take_frame(bytes);
    if (!frame) return fail(frame.error());
    const unsigned opcode = frame->first & 0x0FU;
    const bool is_final = (frame->first & kFinal) != 0;
    if ((frame->first & 0x70U) != 0) return broken("a frame with reserved bits, as compression sets them");
    if (opcode > 10 || (opcode > 2 && opcode < 8)) return broken(fmt::format("a frame of kind {}", opcode));
    if (opcode >= 8) {
      if (!is_final || frame->payload.size() > 125) return broken("a control frame in pieces, or too long");
      messages.push_back({static_cast<FrameKind>(opcode), std::string(frame->payload)});
      continue;
    }
    if ((opcode == 0) != in_message) return broken("a fragment where none belongs");
    if (opcode != 0) joined = {static_cast<FrameKind>(opcode), {}};
    joined.payload += frame->payload;
    in_message = !is_final;
    if (is_final) messages.push_back(joined);
  }
  if (in_message) return broken("a message without its end");
  return messages;
}

}  // namespace dyno::contract
