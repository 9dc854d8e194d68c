// Values out of a tree that check_shape has looked at. Where the tree is wrong they give the fallback: the problem has been
// reported, and the value is thrown away with the rest. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "model/enum_text.h"
#include "stackfile/node.h"

namespace dyno::stackfile {

// The value of a key when it is of that kind, else nullptr.
const Node* find(const Node& map, std::string_view key, NodeKind kind);
// The map of a key; an empty one when it is absent.
const Node& map_at(const Node& map, std::string_view key);

std::string text_at(const Node& map, std::string_view key, std::string_view fallback = "");
std::int64_t integer_at(const Node& map, std::string_view key, std::int64_t fallback);
bool boolean_at(const Node& map, std::string_view key, bool fallback);
Nanos duration_at(const Node& map, std::string_view key, Nanos fallback);
Bytes bytes_at(const Node& map, std::string_view key, Bytes fallback);
double share_at(const Node& map, std::string_view key, double fallback);
std::vector<std::string> texts_at(const Node& map, std::string_view key);
std::map<std::string, std::string> dictionary_at(const Node& map, std::string_view key);

template <class E>
E choice_at(const Node& map, std::string_view key, E fallback) {
  return model::parse_enum<E>(text_at(map, key)).value_or(fallback);
}

template <class E>
std::vector<E> choices_at(const Node& map, std::string_view key) {
  std::vector<E> values;
  for (const std::string& word : texts_at(map, key)) {
    if (const auto value = model::parse_enum<E>(word)) values.push_back(*value);
  }
  return values;
}

}  // namespace dyno::stackfile
