// What a good answer of somebody's own service is, and which values are taken from it. Values only; described in a workload's file,
// ruled on before the load by `contract`, and by sample under it by dyno-load.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/enum_text.h"

namespace dyno::model {

// "200", "2xx".
struct StatusRange {
  int from = 200;
  int to = 299;
};

enum class JsonType { null, boolean, number, integer, string, array, object };
template <>
struct EnumNames<JsonType> {
  static constexpr std::array<std::string_view, 7> names{"null",   "boolean", "number", "integer",
                                                         "string", "array",   "object"};
};

// One value of a body of JSON. What is not said is not asked.
struct JsonRule {
  std::string pointer;  // RFC 6901; empty: the whole document
  bool present = true;  // false: it must not be there, and nothing else is asked
  std::optional<JsonType> type{};
  std::string equals{};                   // JSON text without white space; numbers compare by value; empty: any value
  std::string matches{};                  // of a string: RE2's syntax, found anywhere in it
  std::optional<double> least{}, most{};  // of a number
  std::optional<std::int64_t> length_least{},
      length_most{};  // of a string in code points, of an array or object in entries
  int line = 0;       // in the file, for messages
};

struct HeaderRule {
  std::string name;
  std::string value{};    // exactly; empty: it must be there
  std::string matches{};  // found anywhere in it
  int line = 0;
};

struct AnswerRules {
  std::vector<StatusRange> statuses{{200, 299}};
  std::string content_type{};  // "application/json": without parameters, in any case; empty: any
  std::vector<HeaderRule> headers{};
  std::optional<std::string> body{};  // exactly
  std::vector<std::string> contains{};
  std::string matches{};  // found anywhere in the body
  std::vector<JsonRule> json{};
  std::optional<std::int64_t> bytes_least{}, bytes_most{};  // of the body
  std::string file{};                                       // where it stands, for messages
  int line = 0;
};

enum class CaptureFrom { json, header, pattern };
template <>
struct EnumNames<CaptureFrom> {
  static constexpr std::array<std::string_view, 3> names{"json", "header", "pattern"};
};

// A value of an answer that later steps of the session send as {name}.
struct Capture {
  std::string name;
  CaptureFrom from = CaptureFrom::json;
  std::string where;  // a JSON pointer, a header's name, or a pattern with one group that is taken
  int line = 0;
};

}  // namespace dyno::model
