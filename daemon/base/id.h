// Identifiers: UUIDv7 (RFC 9562), 36 characters in lower case, sorted by their time of creation.
#pragma once

#include <string>
#include <string_view>

#include "base/units.h"

namespace dyno {

// A new id for the instant `now`. Random bits come from the operating system. Thread-safe.
std::string new_id(WallTime now);

// True for 36 characters of the form 8-4-4-4-12, lower-case hexadecimal.
bool is_id(std::string_view text);

// Its last 8 characters, by which people know it: those before are much the same in all ids of an hour.
std::string short_id(std::string_view id);

}  // namespace dyno
