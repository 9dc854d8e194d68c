#include "stackfile/read_value.h"

#include "stackfile/check_shape.h"

namespace dyno::stackfile {

const Node* find(const Node& map, std::string_view key, NodeKind kind) {
  const Node* const node = find(map, key);
  return node != nullptr && node->kind == kind ? node : nullptr;
}

const Node& map_at(const Node& map, std::string_view key) {
  static const Node kEmpty{.kind = NodeKind::map, .mark = {}, .text = {}, .quoted = false, .keys = {}, .items = {}};
  const Node* const node = find(map, key, NodeKind::map);
  return node != nullptr ? *node : kEmpty;
}

std::string text_at(const Node& map, std::string_view key, std::string_view fallback) {
  const Node* const node = find(map, key, NodeKind::scalar);
  return node != nullptr ? node->text : std::string(fallback);
}

std::int64_t integer_at(const Node& map, std::string_view key, std::int64_t fallback) {
  return parse_int(text_at(map, key)).value_or(fallback);
}

bool boolean_at(const Node& map, std::string_view key, bool fallback) {
  const std::string text = text_at(map, key);
  return text == "true" || (text != "false" && fallback);
}

Nanos duration_at(const Node& map, std::string_view key, Nanos fallback) {
  return parse_duration(text_at(map, key)).value_or(fallback);
}

Bytes bytes_at(const Node& map, std::string_view key, Bytes fallback) {
  return parse_bytes(text_at(map, key)).value_or(fallback);
}

double share_at(const Node& map, std::string_view key, double fallback) {
  const auto ppm = parse_share_ppm(text_at(map, key));
  return ppm ? static_cast<double>(*ppm) / 1e6 : fallback;
}

std::vector<std::string> texts_at(const Node& map, std::string_view key) {
  std::vector<std::string> texts;
  const Node* const list = find(map, key, NodeKind::list);
  if (list == nullptr) return texts;
  for (const Node& item : list->items) texts.push_back(item.text);
  return texts;
}

std::map<std::string, std::string> dictionary_at(const Node& map, std::string_view key) {
  std::map<std::string, std::string> values;
  const Node& dictionary = map_at(map, key);
  for (std::size_t i = 0; i < dictionary.keys.size(); ++i)
    values.emplace(dictionary.keys[i].text, dictionary.items[i].text);
  return values;
}

}  // namespace dyno::stackfile
