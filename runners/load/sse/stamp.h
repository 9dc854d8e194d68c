// What a published message says of itself: when it was due, which one it is, and who sent it, so that whoever receives it can tell
// its delay, and one that is missing, doubled or changed. Text of fixed length, padded to the size that was asked for. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dyno::loadgen {

struct Stamp {
  std::int64_t due_ns = 0;
  std::uint32_t number = 0;  // of the messages of one publisher, from 1
  std::uint16_t publisher = 0;

  bool operator==(const Stamp&) const = default;
};

constexpr std::size_t kStampBytes = 28;

// `bytes` of text, at least kStampBytes, with a stamp of nothing in front.
std::string stamp_text(std::size_t bytes);
void write_stamp(char* text, const Stamp& stamp);
// Nothing when the text is not what stamp_text() and write_stamp() make of `bytes` bytes.
std::optional<Stamp> read_stamp(std::string_view text, std::size_t bytes);

}  // namespace dyno::loadgen
