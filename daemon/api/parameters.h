// Query parameters read strictly. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

// The values of a filter that may stand several times; none: everything passes.
using Wanted = std::vector<std::string>;
bool passes(const Wanted& wanted, std::string_view name);
// `metric=`: 400 with the nearest word for one that does not exist.
tl::expected<Wanted, Problem> metric_parameter(const Request& request);

}  // namespace dyno::api
