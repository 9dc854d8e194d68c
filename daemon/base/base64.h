// Base64 with padding (RFC 4648, section 4), read strictly: no white space, no other alphabet. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dyno {

std::string to_base64(std::string_view bytes);
// Nothing for a text that to_base64 would not have written.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace dyno
