// Which version of the Engine API to speak: the newest that both sides know, within the engine's own window.
// Pure functions over values; asks nobody.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::docker {

struct ApiVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const ApiVersion&) const = default;
};

// The window we speak. 1.41 is Debian 12's engine; 1.44 is the least that engines of 2025 (29.0) accept.
constexpr ApiVersion kOldestSpoken{1, 41};
constexpr ApiVersion kNewestSpoken{1, 44};

std::optional<ApiVersion> parse_api_version(std::string_view text);  // "1.41"
std::string to_string(ApiVersion version);

// `newest` and `oldest` as the engine states them; an engine that states no oldest accepts everything below its newest.
// The error is one sentence that names both windows.
Result<ApiVersion> negotiate(std::string_view newest, std::string_view oldest);

}  // namespace dyno::docker
