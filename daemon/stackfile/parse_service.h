// The text of a service.yaml → a Service, or every problem in it. Knows no folder: Service::folder and hash are left empty.
// Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "model/service.h"
#include "stackfile/parsed.h"

namespace dyno::stackfile {

// `file` names the text in problems; the service's name must equal its folder, unless it has none.
Parsed<model::Service> parse_service(std::string_view text, const std::string& file);

}  // namespace dyno::stackfile
