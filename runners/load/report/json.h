// JSON written member by member. For the report only; nothing reads JSON here. Pure.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace dyno::loadgen {

// With quotes. Bytes that are no UTF-8 stand for the characters U+0080 to U+00FF.
std::string json_text(std::string_view text);

class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view value) { return raw(name, json_text(value)); }
  JsonObject& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  JsonObject& add(std::string_view name, std::integral auto value) { return raw(name, fmt::format("{}", value)); }
  // `digits` behind the point.
  JsonObject& add(std::string_view name, double value, int digits) {
    return raw(name, fmt::format("{:.{}f}", value, digits));
  }
  // A value that is JSON already.
  JsonObject& raw(std::string_view name, std::string_view json);
  std::string text() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

class JsonArray {
 public:
  JsonArray& raw(std::string_view json);
  std::string text() const { return text_ + "]"; }

 private:
  std::string text_ = "[";
};

}  // namespace dyno::loadgen
