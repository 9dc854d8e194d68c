// What a good answer to a request of a workload is, and what its step takes from it: the keys `expect` and `take`.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/encoding.h"
#include "base/pattern.h"
#include "base/text.h"
#include "stackfile/parts.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using model::names_of;

constexpr double kMostNumber = 1e15;
constexpr Shape kPatternText = text(kOneLine, static_cast<std::int64_t>(Pattern::kMostBytes));
constexpr Shape kPart = text_like_number(kAnyText, 4000);
constexpr Shape kStatusWord = text_like_number(kStatus, 3);

constexpr std::array kHeaderRuleKeys{optional("matches", kPatternText, "a regular expression, found in the value")};
constexpr Table kHeaderRuleTable{kHeaderRuleKeys};
constexpr Shape kHeaderRule = text_or_map(kOneLine, 0, 4000, kHeaderRuleTable);

constexpr std::array kJsonRuleKeys{
    optional("equals", anything(), "this value; numbers compare by value"),
    optional("type", choice(names_of<model::JsonType>()), "its type; an integer is a number, too"),
    optional("min", text_like_number(kNumber, 40), "of a number"),
    optional("max", text_like_number(kNumber, 40), "of a number"),
    optional("length", text_like_number(kCounts, 40),
             "characters of a string, entries of an array or object: 3, 1..50, 1.. or ..50"),
    optional("matches", kPatternText, "a regular expression, found in a string"),
    optional("present", boolean(), "false: it must not be there; true: it is there, whatever it is"),
};
constexpr Table kJsonRuleTable{kJsonRuleKeys};
constexpr Shape kJsonRule = text_or_map(kAnyText, 0, 4000, kJsonRuleTable);

constexpr std::array kExpectKeys{
    optional("status", one_or_list(kStatusWord, 20), "a status or a class, or a list of them [2xx]"),
    optional("content_type", text(kMediaType, 200), "without parameters, such as application/json"),
    optional("headers", dictionary(kHeaderName, kHeaderRule, 30),
             "by name: the value exactly, or {matches: …}; {}: there"),
    optional("body", argument(kAnyText, kMostBodyBytes), "the body exactly"),
    optional("contains", one_or_list(kPart, 20), "texts that the body has in it"),
    optional("matches", kPatternText, "a regular expression, found in the body"),
    optional("json", dictionary(kJsonPointer, kJsonRule, 100),
             "by JSON pointer: the value, or {equals, type, min, max, length, matches, present}"),
    optional("size", text_like_number(kCounts, 40), "bytes of the body: 120, 1..5000, 1.. or ..5000"),
};

}  // namespace

constinit const Table kExpectTable{kExpectKeys};

namespace {

constexpr std::array kTakeKeys{
    optional("header", text(kHeaderName, 100), "the value of this header"),
    optional("matches", kPatternText, "what the one group of this regular expression found in the body"),
};
constexpr Table kTakeTable{kTakeKeys};

}  // namespace

constinit const Shape kTakeEntry = text_or_map(kJsonPointer, 0, 500, kTakeTable);

std::string json_of(const Node& node) {
  switch (node.kind) {
    case NodeKind::nothing:
    case NodeKind::refused: return "null";
    case NodeKind::scalar: {
      const bool is_word = node.text == "true" || node.text == "false";
      const bool is_plain = !node.quoted && (is_word || (!node.text.empty() && kNumber.matches(node.text)));
      return is_plain ? node.text : json_text(node.text);
    }
    case NodeKind::list:
    case NodeKind::map: break;
  }
  const bool is_map = node.kind == NodeKind::map;
  std::string out(is_map ? "{" : "[");
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) out += ',';
    if (is_map) out += json_text(node.keys[i].text) + ':';
    out += json_of(node.items[i]);
  }
  return out + (is_map ? '}' : ']');
}

void check_pattern(const Node& map, std::string_view key, const std::string& pointer, ProblemList& problems,
                   bool with_group) {
  const Node* const node = find(map, key, NodeKind::scalar);
  if (node == nullptr || problems.has_below(child(pointer, key))) return;
  const auto pattern = Pattern::compile(node->text);
  if (!pattern) {
    problems.add(node->mark, child(pointer, key), "bad_pattern",
                 fmt::format("{} is no regular expression: {}", key, pattern.error().message));
  } else if (with_group && pattern->groups() != 1) {
    problems.add(node->mark, child(pointer, key), "bad_pattern",
                 fmt::format("the pattern has {} groups; what is taken stands in one pair of parentheses, such as "
                             "id=([0-9]+)",
                             pattern->groups()));
  }
}

namespace {

struct Counts {
  std::optional<std::int64_t> least{}, most{};
};

// Of a text that obeys kCounts; a bound that no body reaches is none.
Counts counts_from(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return {parse_int(text), parse_int(text)};
  return {parse_int(text.substr(0, dots)), parse_int(text.substr(dots + 2))};
}

model::StatusRange status_from(std::string_view text) {
  if (text.ends_with("xx")) return {(text[0] - '0') * 100, (text[0] - '0') * 100 + 99};
  const int status = static_cast<int>(parse_int(text).value_or(200));
  return {status, status};
}

// One text or a list of them.
std::vector<std::string> texts_or_one(const Node& map, std::string_view key) {
  if (const Node* const one = find(map, key, NodeKind::scalar)) return {one->text};
  return texts_at(map, key);
}

std::optional<double> number_from(const Node& map, std::string_view key) {
  const std::string text = text_at(map, key);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) return 2 * kMostNumber;
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

Counts read_counts(const Node& map, std::string_view key, const std::string& pointer, ProblemList& problems) {
  const Node* const node = find(map, key, NodeKind::scalar);
  if (node == nullptr || problems.has_below(child(pointer, key))) return {};
  const Counts counts = counts_from(node->text);
  if (counts.least && counts.most && *counts.least > *counts.most)
    problems.add(
        node->mark, child(pointer, key), "out_of_range",
        fmt::format("{} is {}: the range runs backwards; write {}..{}", key, node->text, *counts.most, *counts.least));
  return counts;
}

void check_json_rule(const Node& node, const std::string& pointer, const model::JsonRule& rule, ProblemList& problems) {
  if (rule.least && rule.most && *rule.least > *rule.most)
    problems.add(find(node, "max")->mark, child(pointer, "max"), "out_of_range",
                 fmt::format("the range runs backwards: max {:g} is below min {:g}", *rule.most, *rule.least));
  for (const std::string_view key : {"min", "max"}) {
    const auto value = key == "min" ? rule.least : rule.most;
    if (value && std::abs(*value) > kMostNumber)
      problems.add(find(node, key)->mark, child(pointer, key), "out_of_range",
                   fmt::format("{} must be between {:g} and {:g}", key, -kMostNumber, kMostNumber));
  }
  if (!rule.present && node.keys.size() > 1)
    problems.add(find(node, "present")->mark, child(pointer, "present"), "both",
                 "what must not be there has no other rule");
  using Type = model::JsonType;
  const bool is_number = !rule.type || *rule.type == Type::number || *rule.type == Type::integer;
  const bool has_length =
      !rule.type || *rule.type == Type::string || *rule.type == Type::array || *rule.type == Type::object;
  const bool is_string = !rule.type || *rule.type == Type::string;
  const auto refuse = [&](std::string_view key, bool fits) {
    const Node* const value = find(node, key);
    if (value != nullptr && !fits)
      problems.add(value->mark, child(pointer, key), "not_here",
                   fmt::format("a value of type {} has no {}", to_string(*rule.type), key));
  };
  refuse("min", is_number);
  refuse("max", is_number);
  refuse("length", has_length);
  refuse("matches", is_string);
}

model::JsonRule read_json_rule(const NodeKey& key, const Node& node, const std::string& pointer,
                               ProblemList& problems) {
  model::JsonRule rule;
  rule.pointer = key.text;
  rule.line = key.mark.line;
  if (node.kind == NodeKind::scalar) {
    rule.equals = json_of(node);
    return rule;
  }
  rule.present = boolean_at(node, "present", true);
  rule.type = model::parse_enum<model::JsonType>(text_at(node, "type"));
  if (const Node* const equals = find(node, "equals")) rule.equals = json_of(*equals);
  rule.matches = text_at(node, "matches");
  check_pattern(node, "matches", pointer, problems);
  if (problems.has_below(pointer)) return rule;
  rule.least = number_from(node, "min");
  rule.most = number_from(node, "max");
  const Counts length = read_counts(node, "length", pointer, problems);
  rule.length_least = length.least;
  rule.length_most = length.most;
  check_json_rule(node, pointer, rule, problems);
  return rule;
}

}  // namespace

model::AnswerRules read_expect(const Node& node, const std::string& pointer, ProblemList& problems) {
  model::AnswerRules rules;
  const auto statuses = texts_or_one(node, "status");
  if (!statuses.empty()) rules.statuses.clear();
  for (const std::string& word : statuses) {
    if (kStatus.matches(word)) rules.statuses.push_back(status_from(word));
  }
  rules.content_type = text_at(node, "content_type");
  if (const Node* const body = find(node, "body", NodeKind::scalar)) rules.body = body->text;
  rules.contains = texts_or_one(node, "contains");
  rules.matches = text_at(node, "matches");
  check_pattern(node, "matches", pointer, problems);
  const Counts size = read_counts(node, "size", pointer, problems);
  rules.bytes_least = size.least;
  rules.bytes_most = size.most;
  const Node& headers = map_at(node, "headers");
  for (std::size_t i = 0; i < headers.keys.size(); ++i) {
    const Node& value = headers.items[i];
    const std::string at = child(child(pointer, "headers"), headers.keys[i].text);
    rules.headers.push_back({headers.keys[i].text, value.kind == NodeKind::scalar ? value.text : "",
                             text_at(value, "matches"), headers.keys[i].mark.line});
    check_pattern(value, "matches", at, problems);
  }
  const Node& json = map_at(node, "json");
  for (std::size_t i = 0; i < json.keys.size() && !problems.is_full(); ++i)
    rules.json.push_back(
        read_json_rule(json.keys[i], json.items[i], child(child(pointer, "json"), json.keys[i].text), problems));
  return rules;
}

std::vector<model::Capture> read_takes(const Node& node, const std::string& pointer, ProblemList& problems) {
  std::vector<model::Capture> takes;
  const Node& map = map_at(node, "take");
  for (std::size_t i = 0; i < map.keys.size() && !problems.is_full(); ++i) {
    const Node& from = map.items[i];
    const std::string at = child(pointer, map.keys[i].text);
    model::Capture capture{map.keys[i].text, model::CaptureFrom::json, from.text, map.keys[i].mark.line};
    if (from.kind == NodeKind::map) {
      if (from.keys.size() != 1 && !problems.has_below(at))
        problems.add(from.mark, at, "both", "a value is taken from a JSON pointer, a header or a pattern: name one");
      const bool by_header = find(from, "header") != nullptr;
      capture.from = by_header ? model::CaptureFrom::header : model::CaptureFrom::pattern;
      capture.where = text_at(from, by_header ? "header" : "matches");
      check_pattern(from, "matches", at, problems, true);
    }
    takes.push_back(std::move(capture));
  }
  return takes;
}

}  // namespace dyno::stackfile
