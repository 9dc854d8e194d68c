// Rules about the values of somebody's own JSON, and values taken out of it. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/expected_answer.h"
#include "model/answer_rules.h"

namespace dyno::contract {

// Of a pattern that was read before. Found anywhere in the text.
bool is_found(const std::string& pattern, std::string_view text);

// The first rule that a body breaks. `got` says what stands at the pointer, not the whole body.
struct BrokenJsonRule {
  Difference difference;
  int line = 0;  // of the rule; 0: the body is no JSON at all
};
std::optional<BrokenJsonRule> broken_json_rule(const std::vector<model::JsonRule>& rules, std::string_view body);

// The value at a pointer as it is sent: a string without its quotes, anything else as JSON, with
// its keys in their order and the shortest digits of a fraction. Nothing: there is none, or it is null.
std::optional<std::string> json_value_at(std::string_view body, const std::string& pointer);

}  // namespace dyno::contract
