// The cursor of the list of runs as it stands in a link: opaque to clients, bound to the filters it was made with.
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/reader.h"

namespace dyno::api {

std::string write_cursor(const store::RunCursor& cursor, std::string_view filters);
// Nothing for a text that is no cursor, or one made with other filters.
std::optional<store::RunCursor> read_cursor(std::string_view text, std::string_view filters);

}  // namespace dyno::api
