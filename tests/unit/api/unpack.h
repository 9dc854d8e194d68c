// The other side of content codings: what a client reads. For tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dyno::api {

// Nothing for what is broken or has no end.
std::optional<std::string> unpack(std::string_view coding, std::string_view bytes);

}  // namespace dyno::api
