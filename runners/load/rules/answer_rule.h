// What a good answer is beside its status, and what is taken from it for later requests, as the protocol and --requests say it.
// Values only; compiled in answer_rules.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runners/load/rules/json_scan.h"

namespace dyno::loadgen {

struct StatusRange {
  int from = 200;
  int to = 299;

  bool operator==(const StatusRange&) const = default;
};
inline bool is_in(const std::vector<StatusRange>& ranges, int status) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [status](const StatusRange& range) { return status >= range.from && status <= range.to; });
}

enum class RuleKind : std::uint8_t { content_type, header, size, body, contains, matches, json };
constexpr std::array<std::string_view, 7> kRuleKinds{"content_type", "header",  "size", "body",
                                                     "contains",     "matches", "json"};

// What is not said is not asked.
struct AnswerRule {
  RuleKind kind = RuleKind::contains;
  std::string name{};  // of a header; the pointer of a JSON value
  std::optional<std::string>
      value{};            // content type, header or body exactly, a part of the body; what a JSON value equals, as JSON
  std::string matches{};  // found anywhere in a header, the body, or a JSON string
  bool present = true;    // json; false: it must not be there
  JsonType type = JsonType::absent;       // json; absent: any. integer: any number without a fraction, 1.0 too
  std::optional<double> least{}, most{};  // of a JSON number
  std::optional<std::int64_t> length_least{}, length_most{};  // size: of the body in bytes; json: characters or entries
};

enum class TakeFrom : std::uint8_t { json, header, pattern };
constexpr std::array<std::string_view, 3> kTakeSources{"json", "header", "pattern"};

struct Take {
  std::string name;  // later steps send it as {name}
  TakeFrom from = TakeFrom::json;
  std::string where;  // JSON pointer, header's name, or pattern whose first group is taken
};
constexpr std::size_t kMostTaken = 8192;  // bytes of one value

}  // namespace dyno::loadgen
