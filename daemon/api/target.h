// A request target taken apart: the path is split first and decoded afterwards, so that an encoded slash cannot become one.
// Pure, thread-safe.
#pragma once

#include <string_view>

#include "api/refusal.h"
#include "api/request.h"
#include "base/result.h"

namespace dyno::api {

struct Target {
  std::string path;
  std::vector<std::string> segments;
  Headers query;

  bool operator==(const Target&) const = default;
};

// 404 for segments that could leave a folder (dots, an encoded slash or NUL), 400 for broken encoding.
tl::expected<Target, Refusal> parse_target(std::string_view target);

}  // namespace dyno::api
