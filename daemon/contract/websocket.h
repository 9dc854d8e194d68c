// What verification says to a WebSocket and hears from it (RFC 6455): frames as a client writes them, messages as a server may send
// them. Strict: what the RFC calls an error is one here. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dyno::contract {

enum class FrameKind : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Message {
  FrameKind kind = FrameKind::text;
  std::string payload;
  bool operator==(const Message&) const = default;
};

// Masked, as a client must.
std::string client_frame(FrameKind kind, std::string_view payload, bool is_final = true);

// Length of the frame that a server sends with that much payload.
std::int64_t server_frame_bytes(std::size_t payload);

// All that a server sent after its 101: messages, their fragments joined, and control frames, in order.
Result<std::vector<Message>> server_messages(std::string_view bytes);

}  // namespace dyno::contract
