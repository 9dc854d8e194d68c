#include "base/id.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/encoding.h"
#include "base/random.h"

namespace dyno {

std::string new_id(WallTime now) {
  std::array<std::uint8_t, 16> b{};
  fill_random(b);
  const auto ms = static_cast<std::uint64_t>(to_ns(now) / 1'000'000);
  for (std::size_t i = 0; i < 6; ++i) b[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  b[6] = static_cast<std::uint8_t>((b[6] & 0x0FU) | 0x70U);
  b[8] = static_cast<std::uint8_t>((b[8] & 0x3FU) | 0x80U);
  std::string text = to_hex({reinterpret_cast<const char*>(b.data()), b.size()});
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

bool is_id(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

std::string short_id(std::string_view id) {
  constexpr std::size_t kShort = 8;
  return std::string(id.substr(id.size() - std::min(id.size(), kShort)));
}

}  // namespace dyno
