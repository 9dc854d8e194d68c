// JSON compared as values: key order and white space are free, nothing else is. A key twice is wrong. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dyno::contract {

// Nothing when `got` has the value of `expected`; else a few words about the first difference, with its JSON pointer.
// Where `expected` has a number with a fraction, any number within `slack` of it is the same; an integer stays exact.
std::optional<std::string> json_mismatch(std::string_view expected, std::string_view got, double slack = 0);

// A row of the table world: {"id":n,"randomNumber":m} and no other key.
struct WorldRow {
  std::int64_t id = 0;
  std::int64_t random_number = 0;
};

// One row, or an array of rows; nothing when the text is anything else.
std::optional<WorldRow> parse_world_row(std::string_view text);
std::optional<std::vector<WorldRow>> parse_world_rows(std::string_view text);

// The text of {"error":"<text>"} with no other key; nothing when it is anything else.
std::optional<std::string> error_text(std::string_view text);

// {"valid":false,"errors":k} with k ≥ 1 and no other key.
bool is_refusal(std::string_view text);

}  // namespace dyno::contract
