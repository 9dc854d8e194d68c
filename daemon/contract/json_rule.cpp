#include "contract/json_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/pattern.h"
#include "base/text.h"

namespace dyno::contract {
namespace {

using Json = nlohmann::json;

constexpr int kMostLevels = 256;  // as under load
constexpr std::size_t kShown = 120;

template <class Document>
std::optional<Document> read_document(std::string_view text) {
  bool too_deep = false;
  const typename Document::parser_callback_t watch = [&too_deep](int depth, auto event, Document&) {
    using Event = typename Document::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    too_deep = too_deep || (opens && depth >= kMostLevels);
    return true;
  };
  Document value = Document::parse(text.begin(), text.end(), watch, false);
  if (value.is_discarded() || too_deep) return std::nullopt;
  return value;
}

// Step by step: nlohmann's own pointer throws where an index is none.
template <class Document>
const Document* value_at(const Document& document, std::string_view pointer) {
  const Document* value = &document;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    if (value->is_array()) {
      const auto index = parse_int(step);
      if (!index || *index < 0 || static_cast<std::size_t>(*index) >= value->size()) return nullptr;
      value = &(*value)[static_cast<std::size_t>(*index)];
      continue;
    }
    if (!value->is_object()) return nullptr;
    std::string key;
    for (std::size_t i = 0; i < step.size(); ++i) {
      if (step[i] == '~' && i + 1 < step.size()) key += step[++i] == '1' ? '/' : '~';
      else key += step[i];
    }
    const auto found = value->find(key);
    if (found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

std::string shown_value(const Json& value) {
  return visible(value.dump(-1, ' ', false, Json::error_handler_t::replace), kShown);
}

bool is_of(const Json& value, model::JsonType type) {
  switch (type) {
    case model::JsonType::null: return value.is_null();
    case model::JsonType::boolean: return value.is_boolean();
    case model::JsonType::number: return value.is_number();
    // 1.0 is one: JSON has one kind of numbers.
    case model::JsonType::integer:
      return value.is_number_integer() ||
             (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
    case model::JsonType::string: return value.is_string();
    case model::JsonType::array: return value.is_array();
    case model::JsonType::object: return value.is_object();
  }
  return false;
}

std::int64_t length_of(const Json& value) {
  if (!value.is_string()) return static_cast<std::int64_t>(value.size());
  const auto& text = value.get_ref<const std::string&>();
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

std::string number(double value) { return fmt::format("{:.15g}", value); }

template <class Number, class Shown>
std::string range_words(const std::optional<Number>& least, const std::optional<Number>& most, Shown shown) {
  if (least && most) return *least == *most ? shown(*least) : fmt::format("{} to {}", shown(*least), shown(*most));
  return least ? fmt::format("at least {}", shown(*least)) : fmt::format("at most {}", shown(*most));
}

template <class Number>
bool is_outside(Number value, const std::optional<Number>& least, const std::optional<Number>& most) {
  return (least && value < *least) || (most && value > *most);
}

std::string an(std::string_view word) {
  const bool vowel = std::string_view("aeiou").find(word.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", word);
}

// What the rule wants of a value that is there; empty: it is so.
std::string unmet(const model::JsonRule& rule, const Json& value) {
  if (rule.type && !is_of(value, *rule.type))
    return *rule.type == model::JsonType::null ? "null" : an(model::to_string(*rule.type));
  if (!rule.equals.empty() && value != Json::parse(rule.equals, nullptr, false)) return visible(rule.equals, kShown);
  if ((rule.least || rule.most) && (!value.is_number() || is_outside(value.get<double>(), rule.least, rule.most)))
    return "a number, " + range_words(rule.least, rule.most, number);
  if (!rule.matches.empty() && (!value.is_string() || !is_found(rule.matches, value.get_ref<const std::string&>())))
    return fmt::format("a string that matches {}", rule.matches);
  if (!rule.length_least && !rule.length_most) return "";
  const bool has_length = value.is_string() || value.is_array() || value.is_object();
  if (has_length && !is_outside(length_of(value), rule.length_least, rule.length_most)) return "";
  return "length " +
         range_words(rule.length_least, rule.length_most, [](std::int64_t n) { return fmt::format("{}", n); });
}

}  // namespace

bool is_found(const std::string& pattern, std::string_view text) {
  const auto compiled = Pattern::compile(pattern);
  return compiled && compiled->is_found_in(text);
}

std::optional<BrokenJsonRule> broken_json_rule(const std::vector<model::JsonRule>& rules, std::string_view body) {
  if (rules.empty()) return std::nullopt;
  const auto document = read_document<Json>(body);
  if (!document) return BrokenJsonRule{{"a body of JSON", "none"}, 0};
  for (const model::JsonRule& rule : rules) {
    const std::string at = rule.pointer.empty() ? "the body" : visible(rule.pointer, kShown);
    const Json* const value = value_at(*document, rule.pointer);
    if (!rule.present) {
      if (value == nullptr) continue;
      return BrokenJsonRule{{fmt::format("no {}", at), fmt::format("{} = {}", at, shown_value(*value))}, rule.line};
    }
    if (value == nullptr) return BrokenJsonRule{{fmt::format("{} in the body", at), "none"}, rule.line};
    const std::string wanted = unmet(rule, *value);
    if (wanted.empty()) continue;
    return BrokenJsonRule{{fmt::format("{} = {}", at, wanted), fmt::format("{} = {}", at, shown_value(*value))},
                          rule.line};
  }
  return std::nullopt;
}

std::optional<std::string> json_value_at(std::string_view body, const std::string& pointer) {
  const auto document = read_document<nlohmann::ordered_json>(body);
  if (!document) return std::nullopt;
  const auto* const value = value_at(*document, pointer);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  return value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace dyno::contract
