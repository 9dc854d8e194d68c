#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "adopt/value.h"
#include "base/text.h"

namespace dyno::adopt {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostLevels = 64;

// Aliases make a tree of a few lines as large as one likes.
struct TooLarge {};

class YamlReading {
 public:
  Value value_of(const YAML::Node& node, int level = 0) {
    if (++count_ > kMostValues || level > kMostLevels) throw TooLarge();
    Value value;
    value.line = node.Mark().is_null() ? 0 : node.Mark().line + 1;
    if (node.IsScalar()) {
      value.kind = Value::Kind::text;
      value.text = node.Scalar();
      value.quoted = node.Tag() == "!";
    } else if (node.IsSequence()) {
      value.kind = Value::Kind::list;
      for (const auto& one : node) value.entries.emplace_back("", value_of(one, level + 1));
    } else if (node.IsMap()) {
      value.kind = Value::Kind::map;
      for (const auto& one : node) add_entry(one.first, one.second, level, value);
    }
    return value;
  }

 private:
  // "<<" stands for the entries of another map, or of several; what the map says itself wins.
  void add_entry(const YAML::Node& key, const YAML::Node& node, int level, Value& map) {
    const std::string name = key.IsScalar() ? key.Scalar() : "";
    if (name != "<<") {
      const auto same =
          std::find_if(map.entries.begin(), map.entries.end(), [&](auto& one) { return one.first == name; });
      Value value = value_of(node, level + 1);
      if (key.Mark().line >= 0) value.line = key.Mark().line + 1;
      if (same == map.entries.end()) map.entries.emplace_back(name, std::move(value));
      else same->second = std::move(value);
      return;
    }
    const Value other = value_of(node, level + 1);
    const auto merge = [&map](const Value& one) {
      for (const auto& entry : one.entries) {
        if (!map.has(entry.first)) map.entries.push_back(entry);
      }
    };
    if (other.is_map()) merge(other);
    for (const auto& [unnamed, one] : other.entries) {
      if (other.is_list()) merge(one);
    }
  }

  std::size_t count_ = 0;
};

Value value_of(const Json& json) {
  Value value;
  if (json.is_null()) return value;
  if (json.is_array() || json.is_object()) {
    value.kind = json.is_array() ? Value::Kind::list : Value::Kind::map;
    for (const auto& [key, one] : json.items()) value.entries.emplace_back(json.is_array() ? "" : key, value_of(one));
    return value;
  }
  value.kind = Value::Kind::text;
  value.quoted = json.is_string();
  value.text = json.is_string() ? json.get<std::string>() : json.dump();
  return value;
}

Result<Value> read_json(std::string_view text, const std::string& file) {
  try {
    int level = 0;
    const auto limit = [&level](int depth, Json::parse_event_t, Json&) {
      level = std::max(level, depth);
      return depth <= kMostLevels;
    };
    const Json json = Json::parse(text, limit);
    if (level > kMostLevels) return fail(ErrorCode::invalid_argument, fmt::format("{}: nested too deeply", file));
    return value_of(json);
  } catch (const Json::parse_error& error) {
    const std::size_t end = std::min(text.size(), error.byte);
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n') + 1;
    return fail(ErrorCode::invalid_argument, fmt::format("{}:{}: not JSON: {}", file, line, error.what()));
  }
}

Json json_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::nothing: return nullptr;
    case Value::Kind::text: {
      if (value.quoted) return value.text;
      Json plain = Json::parse(value.text, nullptr, false);
      return plain.is_discarded() || plain.is_structured() ? Json(value.text) : plain;
    }
    case Value::Kind::list: {
      Json list = Json::array();
      for (const auto& [unnamed, one] : value.entries) list.push_back(json_of(one));
      return list;
    }
    case Value::Kind::map: {
      Json map = Json::object();
      for (const auto& [key, one] : value.entries) map[key] = json_of(one);
      return map;
    }
  }
  return nullptr;
}

}  // namespace

const Value& Value::at(std::string_view key) const {
  static const Value kNothing;
  for (const auto& [name, value] : entries) {
    if (name == key) return value;
  }
  return kNothing;
}

Result<Value> read_value(std::string_view text, const std::string& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::string_view inside = trim(text);
  if (inside.starts_with('{') || inside.starts_with('[')) return read_json(text, file);
  try {
    return YamlReading().value_of(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
    return fail(ErrorCode::invalid_argument, fmt::format("{}:{}: {}", file, line, error.msg));
  } catch (const TooLarge&) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: with all aliases followed it has more than {} values or {} levels", file, kMostValues,
                            kMostLevels));
  }
}

std::string json_text(const Value& value) {
  return json_of(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace dyno::adopt
