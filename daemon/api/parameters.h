// Query parameters read strictly, and the cursor that stands in one. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/problem.h"
#include "api/request.h"
#include "base/result.h"
#include "model/enum_text.h"
#include "store/reader.h"

namespace dyno::api {

struct IntRange {
  int least = 0;
  int most = 0;
  int otherwise = 0;  // when the parameter is absent
};

tl::expected<int, Problem> int_parameter(const Request& request, std::string_view name, IntRange range);

// true or false; nothing where it is absent.
tl::expected<std::optional<bool>, Problem> flag_parameter(const Request& request, std::string_view name);

// 400 about one parameter.
Problem bad_parameter(std::string_view name, std::string detail);

// The values of a filter that may stand several times; none: everything passes.
using Wanted = std::vector<std::string>;
bool passes(const Wanted& wanted, std::string_view name);
// 400 with the nearest word for one that does not exist.
Problem unknown_word(std::string_view parameter, std::string_view word, std::span<const std::string_view> known);
// The values of a filter that takes the words of an enumeration.
template <class E>
tl::expected<std::vector<E>, Problem> enum_parameters(const Request& request, std::string_view name) {
  std::vector<E> values;
  for (const std::string& word : request.parameters(name)) {
    const auto value = model::parse_enum<E>(word);
    if (!value) return tl::unexpected<Problem>(unknown_word(name, word, model::names_of<E>()));
    values.push_back(*value);
  }
  return values;
}
tl::expected<Wanted, Problem> metric_parameter(const Request& request);

// The cursor of the list of runs as it stands in a link: opaque to clients, bound to the filters it was made with.
std::string write_cursor(const store::RunCursor& cursor, std::string_view filters);
// Nothing for a text that is no cursor, or one made with other filters.
std::optional<store::RunCursor> read_cursor(std::string_view text, std::string_view filters);

}  // namespace dyno::api
