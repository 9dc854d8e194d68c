#include "runners/load/websocket/frame_writer.h"

#include <array>
#include <cstring>

namespace dyno::loadgen {

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
