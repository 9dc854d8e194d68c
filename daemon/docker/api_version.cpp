#include "docker/api_version.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace dyno::docker {

std::optional<ApiVersion> parse_api_version(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 2) return std::nullopt;
  const auto major = parse_int(parts[0]);
  const auto minor = parse_int(parts[1]);
  if (!major || !minor || *major < 0 || *minor < 0 || *major > 1000 || *minor > 1000) return std::nullopt;
  return ApiVersion{static_cast<int>(*major), static_cast<int>(*minor)};
}

std::string to_string(ApiVersion version) { return fmt::format("{}.{}", version.major, version.minor); }

Result<ApiVersion> negotiate(std::string_view newest, std::string_view oldest) {
  const auto theirs = parse_api_version(newest);
  if (!theirs)
    return fail(ErrorCode::protocol,
                fmt::format("the engine names no API version that we can read: \"{}\"", visible(newest, 40)));
  const ApiVersion least = parse_api_version(oldest).value_or(ApiVersion{});
  const ApiVersion chosen = std::min(kNewestSpoken, *theirs);
  if (chosen < kOldestSpoken || chosen < least) {
    return fail(ErrorCode::unsupported,
                fmt::format("the engine speaks API {} to {}, we speak {} to {}: {}", to_string(least),
                            to_string(*theirs), to_string(kOldestSpoken), to_string(kNewestSpoken),
                            chosen < kOldestSpoken ? "the engine is too old" : "the engine is too new"));
  }
  return chosen;
}

}  // namespace dyno::docker
