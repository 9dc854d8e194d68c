// openapi.json as it was when this program was built. Thread-safe.
#pragma once

#include <string_view>

namespace dyno::api {

std::string_view openapi_text();

}  // namespace dyno::api
