// Frames as a WebSocket client sends them: one frame a message, masked. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runners/load/websocket/frame_reader.h"

namespace dyno::loadgen {

constexpr std::size_t kMaxFrameHeader = 14;

// Writes one final frame to `out`, which has room for kMaxFrameHeader and the payload; returns its end. RFC 6455 wants a new and
// unpredictable mask for each frame; it protects proxies against scripts, so here any well mixed number does.
char* write_frame(char* out, Opcode opcode, std::string_view payload, std::uint32_t mask);

}  // namespace dyno::loadgen
