// SHA-256 of bytes, as 64 lower-case hexadecimal characters: content hashes of stacks, profiles, plans and facts.
#pragma once

#include <string>
#include <string_view>

namespace dyno {

std::string sha256_hex(std::string_view bytes);

}  // namespace dyno
