#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "runners/load/request_file.h"

namespace dyno::loadgen {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostDepth = 8;

std::string scalar_of(const Json& json) { return json.is_string() ? json.get<std::string>() : json.dump(); }

// The steps of a session, what they expect, and of a JSON value what is asked: nothing lies deeper.
FileValue value_of(const Json& json, int line, int depth = 0) {
  FileValue value;
  value.line = line;
  value.json = json.dump();
  if (json.is_null()) return value;
  value.text = scalar_of(json);
  value.kind = json.is_object()  ? FileValue::Kind::map
               : json.is_array() ? FileValue::Kind::list
                                 : FileValue::Kind::text;
  if (!json.is_structured() || depth == kMostDepth) return value;
  for (const auto& [key, one] : json.items()) value.entries.emplace_back(key, value_of(one, line, depth + 1));
  return value;
}

// The library keeps one of two keys of the same name without a word.
class KeyWatch {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    if (event != Json::parse_event_t::key || depth != 1) return true;
    const auto name = parsed.get<std::string>();
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end()) twice = name;
    seen_.push_back(name);
    return true;
  }
  std::string twice;

 private:
  std::vector<std::string> seen_;
};

}  // namespace

FileValues read_json_lines(std::string_view text) {
  std::vector<FileValue> values;
  int line = 0;
  for (const std::string_view one : split(text, '\n')) {
    ++line;
    if (trim(one).empty()) continue;
    try {
      KeyWatch keys;
      const Json json = Json::parse(one, [&keys](int depth, Json::parse_event_t event, const Json& parsed) {
        return keys(depth, event, parsed);
      });
      if (!keys.twice.empty()) return tl::unexpected(FileFaultAt{line, "the key " + keys.twice + " is there twice"});
      values.push_back(value_of(json, line));
    } catch (const Json::parse_error& error) {
      return tl::unexpected(FileFaultAt{line, "not one JSON object: wrong at character " + std::to_string(error.byte)});
    } catch (const Json::exception&) {
      return tl::unexpected(FileFaultAt{line, "text that is not UTF-8"});
    }
  }
  return values;
}

}  // namespace dyno::loadgen
