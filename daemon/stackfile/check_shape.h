// Compares a tree with its shape and reports every difference: unknown, missing and empty keys, wrong types, values out of
// range, unknown words, texts that break their rule. Meaning across keys is the parsers' own. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stackfile/node.h"
#include "stackfile/problem_list.h"
#include "stackfile/shape.h"

namespace dyno::stackfile {

void check_shape(const Node& node, const Shape& shape, std::string_view pointer, ProblemList& problems);

// "0.1%" as parts per million.
std::optional<std::int64_t> parse_share_ppm(std::string_view text);

}  // namespace dyno::stackfile
