#include "stackfile/files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "stackfile/parts.h"
#include "stackfile/shape.h"

namespace dyno::stackfile {
namespace {

constexpr std::string_view kDurationPattern = "^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h|d)$";
constexpr std::string_view kBytesPattern = "^[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB)$";
constexpr std::string_view kSharePattern = "^[0-9]+(\\.[0-9]+)?%$";

std::string joined(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ",")); }

std::string words(std::span<const std::string_view> all) {
  std::vector<std::string> parts;
  for (const std::string_view word : all) parts.push_back(json_text(word));
  return fmt::format("\"enum\":[{}]", joined(parts));
}

// The members of the schema of one shape, without the braces around them.
std::string members(const Shape& shape);

std::string map_members(const Table& table) {
  std::vector<std::string> properties;
  std::vector<std::string> required;
  for (const Key& key : table.keys) {
    properties.push_back(
        fmt::format("{}:{{\"description\":{},{}}}", json_text(key.name), json_text(key.about), members(key.shape)));
    if (key.required) required.push_back(json_text(key.name));
  }
  return fmt::format("\"type\":\"object\",\"additionalProperties\":false,\"required\":[{}],\"properties\":{{{}}}",
                     joined(required), joined(properties));
}

std::string text_members(const Shape& shape) {
  // Read as YAML, 26 is a number; to our parser it is the text that stands there.
  const std::string_view type = shape.like_number ? "[\"string\",\"number\"]" : "\"string\"";
  return fmt::format("\"type\":{},\"minLength\":{},\"maxLength\":{},\"pattern\":{}", type, shape.min, shape.max,
                     json_text((shape.min == 0 ? "^$|" : "") + std::string(shape.rule->pattern)));
}

std::string members(const Shape& shape) {
  switch (shape.kind) {
    case ShapeKind::text: return text_members(shape);
    case ShapeKind::integer:
      return fmt::format("\"type\":\"integer\",\"minimum\":{},\"maximum\":{}", shape.min, shape.max);
    case ShapeKind::boolean: return "\"type\":\"boolean\"";
    case ShapeKind::duration: return fmt::format("\"type\":\"string\",\"pattern\":{}", json_text(kDurationPattern));
    case ShapeKind::bytes: return fmt::format("\"type\":\"string\",\"pattern\":{}", json_text(kBytesPattern));
    case ShapeKind::share: return fmt::format("\"type\":\"string\",\"pattern\":{}", json_text(kSharePattern));
    case ShapeKind::choice:
      if (shape.rule == nullptr) return words(words_of(shape));
      return fmt::format("\"anyOf\":[{{{}}},{{\"type\":\"string\",\"pattern\":{}}}]", words(words_of(shape)),
                         json_text(shape.rule->pattern));
    case ShapeKind::list:
      return fmt::format("\"type\":\"array\",\"minItems\":{},\"maxItems\":{},\"uniqueItems\":{},\"items\":{{{}}}",
                         shape.min, shape.max, shape.unique, members(*shape.element));
    case ShapeKind::map: return map_members(*shape.table);
    case ShapeKind::dictionary:
      return fmt::format(
          "\"type\":\"object\",\"maxProperties\":{},\"propertyNames\":{{\"pattern\":{}}},\"additionalProperties\":{{{}}"
          "}",
          shape.max, json_text(shape.rule->pattern), members(*shape.element));
    case ShapeKind::choice_or_map:
      return fmt::format("\"oneOf\":[{{{}}},{{{}}}]", words(shape.words), map_members(*shape.table));
    case ShapeKind::text_or_map:
      return fmt::format("\"oneOf\":[{{{}}},{{{}}}]", text_members(shape), map_members(*shape.table));
    case ShapeKind::one_or_list:
      return fmt::format("\"oneOf\":[{{{}}},{{\"type\":\"array\",\"minItems\":{},\"maxItems\":{},\"items\":{{{}}}}}]",
                         members(*shape.element), shape.min, shape.max, members(*shape.element));
    case ShapeKind::anything: return "\"default\":null";
  }
  return "";
}

std::string document(std::string_view name, const std::string& body) {
  return fmt::format("{{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":{},\"title\":{},{}}}\n",
                     json_text(fmt::format("/api/v1/schema/{}.json", name)),
                     json_text(fmt::format("A {} of stackdyno", name)), body);
}

}  // namespace

// Which of the two shapes a stack has, its contract says.
std::string stack_json_schema() {
  constexpr std::string_view kIsOwn = R"("properties":{"contract":{"const":"own"}},"required":["contract"])";
  return document("stack", fmt::format("\"if\":{{{}}},\"then\":{{{}}},\"else\":{{{}}}", kIsOwn, members(kOwnStackShape),
                                       members(kStackShape)));
}
std::string profile_json_schema() { return document("profile", members(kProfileShape)); }
std::string schedule_json_schema() { return document("schedule", members(kScheduleShape)); }
std::string service_json_schema() { return document("service", members(kServiceShape)); }
std::string workload_json_schema() { return document("workload", members(kWorkloadFileShape)); }

}  // namespace dyno::stackfile
