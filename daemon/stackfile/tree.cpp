#include "stackfile/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "stackfile/shape.h"

namespace dyno::stackfile {

void ProblemList::add(Mark mark, std::string_view pointer, std::string_view code, std::string message) {
  if (is_full()) return;
  problems_.push_back({file_, mark.line, mark.column, std::string(pointer), std::string(code), std::move(message)});
}

void ProblemList::add_all(std::vector<model::Problem> problems) {
  problems.resize(std::min(problems.size(), model::kMostProblems - problems_.size()));
  std::move(problems.begin(), problems.end(), std::back_inserter(problems_));
}

bool ProblemList::has_below(std::string_view pointer) const {
  return std::any_of(problems_.begin(), problems_.end(), [&](const model::Problem& problem) {
    const std::string_view at = problem.pointer;
    return at.starts_with(pointer) && (at.size() == pointer.size() || at[pointer.size()] == '/');
  });
}

std::vector<model::Problem> ProblemList::take() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const model::Problem& a, const model::Problem& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  if (is_full()) problems_.push_back(model::more_problems(file_));
  return std::exchange(problems_, {});
}

std::string child(std::string_view pointer, std::string_view key) {
  std::string path(pointer);
  path += '/';
  for (const char c : key) {
    if (c == '~') path += "~0";
    else if (c == '/') path += "~1";
    else path += c;
  }
  return path;
}

std::string child(std::string_view pointer, std::size_t index) { return fmt::format("{}/{}", pointer, index); }

std::string unescaped(std::string_view step) {
  std::string key;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] != '~' || i + 1 == step.size()) key += step[i];
    else key += step[++i] == '1' ? '/' : '~';
  }
  return key;
}

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
