// The shape of our YAML files as data: which keys a map has, and what each value may be. The parser's checks and the
// published JSON Schema are both made from these tables, so they cannot disagree. Constant data, thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "base/units.h"
#include "stackfile/text_rules.h"

namespace dyno::stackfile {

enum class ShapeKind {
  text,
  integer,
  boolean,
  duration,       // limits in nanoseconds
  bytes,          // limits in bytes
  share,          // "0.1%"; limits in parts per million
  choice,         // one of `words`
  list,           // of `element`; limits count them
  map,            // the keys of `table`
  dictionary,     // any keys that obey `rule`, each value an `element`; limits count them
  choice_or_map,  // one of `words`, or a map of `table`
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

constexpr Key required(std::string_view name, Shape shape, std::string_view about) {
  return {name, true, shape, about};
}
constexpr Key optional(std::string_view name, Shape shape, std::string_view about) {
  return {name, false, shape, about};
}

}  // namespace dyno::stackfile
