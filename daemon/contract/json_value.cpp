#include "contract/json_value.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"

namespace dyno::contract {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 16;

// A value, or words about why the text is none.
struct Read {
  Json value;
  std::string error;
};

Read read(std::string_view text) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  std::string error;
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kMaxDepth) error = "nested too deeply";
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      error = fmt::format("key {} twice", visible(parsed.get<std::string>(), 40));
    }
    return true;
  };
  // With exceptions off a broken text gives a discarded value.
  Json value = Json::parse(text.begin(), text.end(), watch, false);
  if (value.is_discarded()) return {Json(), "not JSON"};
  return {std::move(value), error};
}

std::string at(const std::string& pointer) { return pointer.empty() ? "the value" : visible(pointer, 60); }

std::string shown(const Json& value) { return visible(value.dump(-1, ' ', false, Json::error_handler_t::replace), 80); }

bool same_kind(const Json& a, const Json& b) {
  if (a.is_number_integer() && b.is_number_integer()) return true;  // signed and unsigned
  return a.type() == b.type();
}

std::optional<std::string> value_mismatch(const Json& expected, const Json& got, const std::string& pointer,
                                          double slack);

std::optional<std::string> object_mismatch(const Json& expected, const Json& got, const std::string& pointer,
                                           double slack) {
  for (const auto& [key, value] : expected.items()) {
    const auto found = got.find(key);
    if (found == got.end()) return fmt::format("key {} is missing in {}", key, at(pointer));
    if (auto inner = value_mismatch(value, *found, pointer + "/" + key, slack)) return inner;
  }
  for (const auto& [key, value] : got.items()) {
    if (!expected.contains(key)) return fmt::format("{} has the extra key {}", at(pointer), visible(key, 40));
  }
  return std::nullopt;
}

std::optional<std::string> array_mismatch(const Json& expected, const Json& got, const std::string& pointer,
                                          double slack) {
  if (expected.size() != got.size())
    return fmt::format("{} has {} entries, not {}", at(pointer), got.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (auto inner = value_mismatch(expected[i], got[i], fmt::format("{}/{}", pointer, i), slack)) return inner;
  }
  return std::nullopt;
}

std::optional<std::string> value_mismatch(const Json& expected, const Json& got, const std::string& pointer,
                                          double slack) {
  if (slack > 0 && expected.is_number_float() && got.is_number()) {
    const double off = std::abs(expected.get<double>() - got.get<double>());
    if (off <= slack) return std::nullopt;
    return fmt::format("{} is {}, not within {} of {}", at(pointer), shown(got), slack, shown(expected));
  }
  if (!same_kind(expected, got)) return fmt::format("{} is {}, not {}", at(pointer), shown(got), shown(expected));
  if (expected.is_object()) return object_mismatch(expected, got, pointer, slack);
  if (expected.is_array()) return array_mismatch(expected, got, pointer, slack);
  if (expected == got) return std::nullopt;
  return fmt::format("{} is {}, not {}", at(pointer), shown(got), shown(expected));
}

std::optional<WorldRow> world_row(const Json& value) {
  if (!value.is_object() || value.size() != 2) return std::nullopt;
  const auto id = value.find("id");
  const auto number = value.find("randomNumber");
  if (id == value.end() || number == value.end() || !id->is_number_integer() || !number->is_number_integer())
    return std::nullopt;
  return WorldRow{id->get<std::int64_t>(), number->get<std::int64_t>()};
}

}  // namespace

std::optional<std::string> json_mismatch(std::string_view expected, std::string_view got, double slack) {
  const Read wanted = read(expected);
  const Read came = read(got);
  if (!came.error.empty()) return came.error;
  return value_mismatch(wanted.value, came.value, "", slack);
}

std::optional<WorldRow> parse_world_row(std::string_view text) {
  const Read came = read(text);
  return came.error.empty() ? world_row(came.value) : std::nullopt;
}

std::optional<std::vector<WorldRow>> parse_world_rows(std::string_view text) {
  const Read came = read(text);
  if (!came.error.empty() || !came.value.is_array()) return std::nullopt;
  std::vector<WorldRow> rows;
  for (const Json& value : came.value) {
    const auto row = world_row(value);
    if (!row) return std::nullopt;
    rows.push_back(*row);
  }
  return rows;
}

std::optional<std::string> error_text(std::string_view text) {
  const Read came = read(text);
  if (!came.error.empty() || !came.value.is_object() || came.value.size() != 1) return std::nullopt;
  const auto found = came.value.find("error");
  if (found == came.value.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

bool is_refusal(std::string_view text) {
  const Read came = read(text);
  if (!came.error.empty() || !came.value.is_object() || came.value.size() != 2) return false;
  const auto valid = came.value.find("valid");
  const auto errors = came.value.find("errors");
  return valid != came.value.end() && *valid == Json(false) && errors != came.value.end() &&
         errors->is_number_integer() && errors->get<std::int64_t>() >= 1;
}

}  // namespace dyno::contract
