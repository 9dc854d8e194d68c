// Text made small for storage (DEFLATE in the zlib format, RFC 1950), and back. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::record {

std::string deflate_text(std::string_view text);
// Takes any bytes: more than `limit` of text, or what is not whole, is a protocol error.
Result<std::string> inflate_text(std::string_view bytes, std::size_t limit);

}  // namespace dyno::record
