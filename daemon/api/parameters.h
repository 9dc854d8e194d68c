// Query parameters read strictly. Pure functions, thread-safe.
#pragma once

#include <string_view>

#include "api/problem.h"
#include "api/request.h"
#include "base/result.h"

namespace dyno::api {

struct IntRange {
  int least = 0;
  int most = 0;
  int otherwise = 0;  // when the parameter is absent
};

tl::expected<int, Problem> int_parameter(const Request& request, std::string_view name, IntRange range);

// 400 about one parameter.
Problem bad_parameter(std::string_view name, std::string detail);

}  // namespace dyno::api
