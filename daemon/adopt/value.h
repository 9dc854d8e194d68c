// A file of somebody else's, YAML or JSON, as a tree: Compose, OpenAPI, HAR, package.json. Anchors, aliases and merge keys are followed.
// Scalars stay text. Plain values; reading is pure and thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace dyno::adopt {

struct Value {
  enum class Kind { nothing, text, list, map };
  Kind kind = Kind::nothing;
  int line = 0;         // 1 first; 0: not known (JSON)
  bool quoted = false;  // of a text: it was written as one, "8080" and not 8080
  std::string text{};
  std::vector<std::pair<std::string, Value>> entries{};  // of a map, in order; of a list without keys

  bool is_text() const { return kind == Kind::text; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  // The value at a key; of kind nothing where there is none.
  const Value& at(std::string_view key) const;
  bool has(std::string_view key) const { return at(key).kind != Kind::nothing; }
  // Of a text; empty where it is none.
  std::string_view word(std::string_view key) const { return at(key).text; }
};

inline constexpr std::size_t kMostBytes = std::size_t{64} << 20U;  // of a file; a recording of a browser is large
inline constexpr std::size_t kMostValues = 300'000;                // of YAML, aliases followed

// By its first byte JSON, otherwise YAML. invalid_argument with "file:line: …".
Result<Value> read_value(std::string_view text, const std::string& file);

// JSON text of it, without white space: numbers, true, false and null where they were written without quotes.
std::string json_text(const Value& value);

}  // namespace dyno::adopt
