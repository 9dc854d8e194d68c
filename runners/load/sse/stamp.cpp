#include "runners/load/sse/stamp.h"

#include <array>

namespace dyno::loadgen {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

char padding_at(std::size_t at) { return static_cast<char>('a' + at % 26); }

void write_hex(char* out, std::uint64_t value, int digits) {
  for (int i = 0; i < digits; ++i) out[i] = kHex[value >> (4 * (digits - 1 - i)) & 15];
}

std::optional<std::uint64_t> read_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::size_t digit = kHex.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 4 | digit;
  }
  return value;
}

}  // namespace

std::string stamp_text(std::size_t bytes) {
  std::string text(bytes, '0');
  for (std::size_t i = kStampBytes; i < bytes; ++i) text[i] = padding_at(i);
  return text;
}

void write_stamp(char* text, const Stamp& stamp) {
  write_hex(text, static_cast<std::uint64_t>(stamp.due_ns), 16);
  write_hex(text + 16, stamp.number, 8);
  write_hex(text + 24, stamp.publisher, 4);
}

std::optional<Stamp> read_stamp(std::string_view text, std::size_t bytes) {
  if (text.size() != bytes || bytes < kStampBytes) return std::nullopt;
  for (std::size_t i = kStampBytes; i < bytes; ++i) {
    if (text[i] != padding_at(i)) return std::nullopt;
  }
  const auto due = read_hex(text.substr(0, 16));
  const auto number = read_hex(text.substr(16, 8));
  const auto publisher = read_hex(text.substr(24, 4));
  if (!due || !number || !publisher) return std::nullopt;
  return Stamp{static_cast<std::int64_t>(*due), static_cast<std::uint32_t>(*number),
               static_cast<std::uint16_t>(*publisher)};
}

}  // namespace dyno::loadgen
