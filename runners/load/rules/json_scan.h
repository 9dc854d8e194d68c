// Values of a JSON text at JSON pointers (RFC 6901), found where they lie: one pass over the bytes, no tree, no allocation. The pass
// reads all of the text and refuses what RFC 8259 does (UTF-8 included), so a text that was cut off is seen. Where an object has a
// key twice, the last one counts. Pure functions of values; a JsonPointers may be shared once it is complete.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dyno::loadgen {

constexpr std::size_t kMostJsonDepth = 256;  // of objects and arrays in each other

// integer: a number without fraction and exponent, as it is written.
enum class JsonType : std::uint8_t { absent, null, boolean, number, integer, string, array, object };
constexpr std::array<std::string_view, 8> kJsonTypes{"nothing", "null",   "boolean", "number",
                                                     "integer", "string", "array",   "object"};

struct JsonValue {
  JsonType type = JsonType::absent;
  std::int64_t entries = 0;  // of an array or object
  std::string_view text;     // as it stands there; of a string with its quotes

  bool is_number() const { return type == JsonType::number || type == JsonType::integer; }
};

// Pointers as a tree of their steps, so that one pass serves them all.
class JsonPointers {
 public:
  static constexpr std::size_t kMost = 128;  // a workload's file has at most 100 rules and 20 takes in a request

  // Its place in what find_json() fills; of the same pointer the same place. invalid_argument where it is none, or one too many.
  Result<std::size_t> add(std::string_view pointer);
  std::size_t size() const { return size_; }

 private:
  friend class JsonScan;
  static constexpr std::int32_t kNone = -1;
  struct Step {
    std::string key;                     // unescaped
    std::optional<std::uint64_t> index;  // what it is in an array
    std::int32_t node = kNone;
  };
  struct Node {
    std::vector<Step> steps;
    std::int32_t place = kNone;
  };
  std::int32_t child(std::size_t node, std::string&& key);

  std::vector<Node> nodes_{1};
  std::size_t size_ = 0;
};

// Fills `found`, one value a pointer. Nothing: it was read to its end. Otherwise the byte at which it is no JSON; the size of the
// text where it ends too early.
std::optional<std::size_t> find_json(const JsonPointers& pointers, std::string_view text,
                                     std::vector<JsonValue>& found);

// ---- what a value is ----
// The characters of a string, without quotes and escapes, appended to `out`; at most `most` bytes of them. False: it has more.
bool append_unescaped(std::string_view quoted, std::string& out, std::size_t most);
std::int64_t code_points(std::string_view quoted);
// Of a number; nothing where it is beyond a double.
std::optional<double> number_of(std::string_view text);
// Numbers by value, strings by their characters, objects in any order of their keys. `expected` has no key twice; what has, equals
// none.
bool json_equal(const JsonValue& expected, const JsonValue& came);
// The whole of a text; nothing where it is no JSON.
std::optional<JsonValue> whole_json(std::string_view text);

}  // namespace dyno::loadgen
