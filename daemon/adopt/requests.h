// Requests that somebody has already, as drafts of workloads: the operations of an OpenAPI document, what a browser recorded, a line of
// curl. What cannot be asked is a remark. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adopt/draft.h"
#include "base/result.h"

namespace dyno::adopt {

struct DraftRequests {
  std::vector<DraftWorkload> workloads{};
  std::vector<Remark> remarks{};
};

// OpenAPI 3, JSON or YAML: a workload for each operation whose parameters and body have examples, defaults or enumerations.
Result<DraftRequests> requests_from_openapi(std::string_view text, const std::string& file);

// HAR 1.2: one mix named "recorded" of the requests to the host of the first one; images, styles, scripts and fonts are left out.
Result<DraftRequests> requests_from_har(std::string_view text, const std::string& file);

// "curl -X POST http://localhost:3000/orders -H '…' -d '…'", with or without the first word.
Result<DraftRequests> requests_from_curl(std::string_view line);

}  // namespace dyno::adopt
