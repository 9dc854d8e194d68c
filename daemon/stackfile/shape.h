// The shape of our YAML files as data: which keys a map has, what each value may be, and what texts may look like. The parser's
// checks and the published JSON Schema are both made from these tables, so they cannot disagree. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/units.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {

// What texts in our files may look like: each rule as a pattern for the JSON Schema, as a predicate for the parser, and in
// words for the message. Pattern and predicate are held together by a test.
struct TextRule {
  std::string_view pattern;  // ECMAScript
  bool (*matches)(std::string_view);
  std::string_view words;  // "must be …"
};

extern const TextRule kOneLine;   // any text without a line end
extern const TextRule kName;      // of stacks, profiles, schedules
extern const TextRule kUserName;  // of a service's image, or a user id above 0
extern const TextRule kNameGlob;
extern const TextRule kVariantName;  // node-fastify@node-24
extern const TextRule kIdentifier;   // json_cap
extern const TextRule kVersion;
extern const TextRule kEnvName;
extern const TextRule kArgName;  // of build arguments
extern const TextRule kImage;
extern const TextRule kUrlPath;
extern const TextRule kUrl;
extern const TextRule kInnerPath;  // a path that stays inside its folder
extern const TextRule kPhaseRate;  // 1000/s, 60% of json_cap
extern const TextRule kCron;       // five fields, or @daily; what they mean: schedule/cron.h
extern const TextRule kTimeZone;
extern const TextRule kDailyHours;  // 08:00-18:00
extern const TextRule kOwnPhase;    // own/list-orders, own/*: in a profile
extern const TextRule kAnyText;     // lines too
extern const TextRule kTarget;      // a path with a query and drawn parts
extern const TextRule kMethod;
extern const TextRule kHeaderName;
extern const TextRule kMediaType;
extern const TextRule kStatus;       // 200, 2xx
extern const TextRule kJsonPointer;  // RFC 6901
extern const TextRule kNumber;       // as JSON writes them
extern const TextRule kCounts;       // 5, 1..50, 1.., ..50

enum class ShapeKind {
  text,
  integer,
  boolean,
  duration,       // limits in nanoseconds
  bytes,          // limits in bytes
  share,          // "0.1%"; limits in parts per million
  choice,         // one of `words`, or, with `rule`, a text that obeys it
  list,           // of `element`; limits count them
  map,            // the keys of `table`
  dictionary,     // any keys that obey `rule`, each value an `element`; limits count them
  choice_or_map,  // one of `words`, or a map of `table`
  text_or_map,    // a text as of kind text, or a map of `table`
  one_or_list,    // an `element`, or a list of them; limits count them
  anything,       // looked at elsewhere
};

struct Table;

struct Shape {
  ShapeKind kind = ShapeKind::text;
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  const TextRule* rule = nullptr;  // text, keys of a dictionary
  std::span<const std::string_view> words{};
  std::span<const std::string_view> (*listed)() = nullptr;  // choice: words that are not constants, in place of `words`
  const Shape* element = nullptr;
  const Table* table = nullptr;
  bool unique = false;       // list: no element twice
  bool like_number = false;  // text that an editor may take for a number: 26, 1.10
};

struct Key {
  std::string_view name;
  bool required = false;
  Shape shape;
  std::string_view about;  // one line, shown by editors
};

struct Table {
  std::span<const Key> keys;
};

constexpr Shape text(const TextRule& rule, std::int64_t max_bytes) {
  return {.kind = ShapeKind::text, .min = 1, .max = max_bytes, .rule = &rule};
}
constexpr Shape text_like_number(const TextRule& rule, std::int64_t max_bytes) {
  return {.kind = ShapeKind::text, .min = 1, .max = max_bytes, .rule = &rule, .like_number = true};
}
// An argument or a variable may well be empty.
constexpr Shape argument(const TextRule& rule, std::int64_t max_bytes) {
  return {.kind = ShapeKind::text, .min = 0, .max = max_bytes, .rule = &rule, .like_number = true};
}
constexpr Shape integer(std::int64_t min, std::int64_t max) {
  return {.kind = ShapeKind::integer, .min = min, .max = max};
}
constexpr Shape boolean() { return {.kind = ShapeKind::boolean}; }
constexpr Shape duration(Nanos min, Nanos max) {
  return {.kind = ShapeKind::duration, .min = min.count(), .max = max.count()};
}
constexpr Shape bytes(Bytes min, Bytes max) { return {.kind = ShapeKind::bytes, .min = min.value, .max = max.value}; }
constexpr Shape share(std::int64_t min_ppm, std::int64_t max_ppm) {
  return {.kind = ShapeKind::share, .min = min_ppm, .max = max_ppm};
}
constexpr Shape choice(std::span<const std::string_view> words) { return {.kind = ShapeKind::choice, .words = words}; }
constexpr Shape choice(std::span<const std::string_view> (*listed)()) {
  return {.kind = ShapeKind::choice, .listed = listed};
}
inline std::span<const std::string_view> words_of(const Shape& shape) {
  return shape.listed != nullptr ? shape.listed() : shape.words;
}
constexpr Shape list_of(const Shape& element, std::int64_t min, std::int64_t max) {
  return {.kind = ShapeKind::list, .min = min, .max = max, .element = &element};
}
constexpr Shape set_of(const Shape& element, std::int64_t min, std::int64_t max) {
  return {.kind = ShapeKind::list, .min = min, .max = max, .element = &element, .unique = true};
}
constexpr Shape map_of(const Table& table) { return {.kind = ShapeKind::map, .table = &table}; }
constexpr Shape dictionary(const TextRule& keys, const Shape& element, std::int64_t max) {
  return {.kind = ShapeKind::dictionary, .min = 0, .max = max, .rule = &keys, .element = &element};
}
constexpr Shape choice_or_map(std::span<const std::string_view> words, const Table& table) {
  return {.kind = ShapeKind::choice_or_map, .words = words, .table = &table};
}

constexpr Shape choice_or_rule(std::span<const std::string_view> (*listed)(), const TextRule& rule) {
  return {.kind = ShapeKind::choice, .rule = &rule, .listed = listed};
}
// What stands there alone is the most usual of the keys.
constexpr Shape text_or_map(const TextRule& rule, std::int64_t min_bytes, std::int64_t max_bytes, const Table& table) {
  return {.kind = ShapeKind::text_or_map,
          .min = min_bytes,
          .max = max_bytes,
          .rule = &rule,
          .table = &table,
          .like_number = true};
}
constexpr Shape one_or_list(const Shape& element, std::int64_t max) {
  return {.kind = ShapeKind::one_or_list, .min = 1, .max = max, .element = &element};
}
constexpr Shape anything() { return {.kind = ShapeKind::anything}; }

constexpr Key required(std::string_view name, Shape shape, std::string_view about) {
  return {name, true, shape, about};
}
constexpr Key optional(std::string_view name, Shape shape, std::string_view about) {
  return {name, false, shape, about};
}

// Compares a tree with its shape and reports every difference: unknown, missing and empty keys, wrong types, values out of
// range, unknown words, texts that break their rule. Meaning across keys is the parsers' own.
void check_shape(const Node& node, const Shape& shape, std::string_view pointer, ProblemList& problems);

// "0.1%" as parts per million.
std::optional<std::int64_t> parse_share_ppm(std::string_view text);

// Rules that all our files share about their first keys.
void check_schema_first(const Node& root, ProblemList& problems);

// The first word of a command names its program. `pointer` is that of the map with the keys.
void check_programs(const Node& map, const std::string& pointer, ProblemList& problems);

// "stacks/go-nethttp/stack.yaml": the name must be go-nethttp. A file without a folder passes.
void check_name_is_folder(const Node& root, const std::string& file, ProblemList& problems);
// "profiles/quick.yaml": the name must be quick. An empty file name passes.
void check_name_is_stem(const Node& root, const std::string& file, ProblemList& problems);

}  // namespace dyno::stackfile
