#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "stackfile/shape.h"
#include "stackfile/stack_folder.h"

namespace dyno::stackfile {
namespace {

// "/build/base/0/arg" → "arg"; "/workloads/2" → "workloads[2]"; "" → "the file".
std::string spoken(std::string_view pointer) {
  if (pointer.empty()) return "the file";
  const auto parts = split(pointer.substr(1), '/');
  const std::string_view last = parts.back();
  if (parts.size() > 1 && parse_int(last)) return fmt::format("{}[{}]", parts[parts.size() - 2], last);
  return visible(unescaped(last), 60);
}

std::string shown(const Node& node) {
  switch (node.kind) {
    case NodeKind::nothing: return "empty";
    case NodeKind::list: return "a list";
    case NodeKind::map: return "a map";
    case NodeKind::refused: return "refused";
    case NodeKind::scalar: break;
  }
  return node.quoted ? fmt::format("the text \"{}\"", visible(node.text, 60)) : visible(node.text, 60);
}

std::string_view wanted(const Shape& shape) {
  switch (shape.kind) {
    case ShapeKind::text: return "text";
    case ShapeKind::integer: return "a whole number";
    case ShapeKind::boolean: return "true or false";
    case ShapeKind::duration: return "a duration with its unit (ms, s, min, h), such as 10s";
    case ShapeKind::bytes: return "a size with its unit (KiB, MiB, GiB), such as 64MiB";
    case ShapeKind::share: return "a percentage such as 0.1%";
    case ShapeKind::choice: return "one word";
    case ShapeKind::list: return "a list";
    case ShapeKind::map:
    case ShapeKind::dictionary: return "a map of keys";
    case ShapeKind::choice_or_map: return "one word or a map of keys";
    case ShapeKind::text_or_map: return "text or a map of keys";
    case ShapeKind::one_or_list: return "one value or a list of them";
    case ShapeKind::anything: return "anything";
  }
  return "";
}

// A limit in the unit that its own kind is written in.
std::string limit_text(const Shape& shape, std::int64_t limit) {
  if (shape.kind == ShapeKind::share) return fmt::format("{:g}%", static_cast<double>(limit) / 1e4);
  if (shape.kind == ShapeKind::duration) {
    struct Unit {
      std::int64_t ns;
      std::string_view name;
    };
    constexpr std::array<Unit, 4> kUnits{
        {{3'600'000'000'000, "h"}, {60'000'000'000, "min"}, {1'000'000'000, "s"}, {1'000'000, "ms"}}};
    for (const Unit& unit : kUnits) {
      if (limit != 0 && limit % unit.ns == 0) return fmt::format("{}{}", limit / unit.ns, unit.name);
    }
    return fmt::format("{}ns", limit);
  }
  if (shape.kind == ShapeKind::bytes) {
    for (const auto& [size, name] : {std::pair(1073741824, "GiB"), std::pair(1048576, "MiB"), std::pair(1024, "KiB")}) {
      if (limit != 0 && limit % size == 0) return fmt::format("{}{}", limit / size, name);
    }
    return fmt::format("{}B", limit);
  }
  return fmt::format("{}", limit);
}

class Checker {
 public:
  explicit Checker(ProblemList& problems) : problems_(problems) {}

  void check(const Node& node, const Shape& shape, const std::string& pointer) {
    if (node.kind == NodeKind::refused || problems_.is_full()) return;
    switch (shape.kind) {
      case ShapeKind::text: return check_text(node, shape, pointer);
      case ShapeKind::integer: return check_number(node, shape, pointer, parse_int(node.text));
      case ShapeKind::boolean:
        if (is_plain(node) && (node.text == "true" || node.text == "false")) return;
        return wrong_type(node, shape, pointer);
      case ShapeKind::duration: {
        const auto value = parse_duration(node.text);
        return check_number(node, shape, pointer, value ? std::optional(value->count()) : std::nullopt);
      }
      case ShapeKind::bytes: {
        const auto value = parse_bytes(node.text);
        return check_number(node, shape, pointer, value ? std::optional(value->value) : std::nullopt);
      }
      case ShapeKind::share: return check_number(node, shape, pointer, parse_share_ppm(node.text));
      case ShapeKind::choice: return check_word(node, shape, pointer);
      case ShapeKind::list: return check_list(node, shape, pointer);
      case ShapeKind::map: return check_map(node, shape, pointer);
      case ShapeKind::dictionary: return check_dictionary(node, shape, pointer);
      case ShapeKind::choice_or_map:
        return node.kind == NodeKind::map ? check_map(node, shape, pointer) : check_word(node, shape, pointer);
      case ShapeKind::text_or_map:
        if (node.kind == NodeKind::map) return check_map(node, shape, pointer);
        return check_text(node, shape, pointer);
      case ShapeKind::one_or_list:
        return node.kind == NodeKind::list ? check_list(node, shape, pointer) : check(node, *shape.element, pointer);
      case ShapeKind::anything: return;
    }
  }

 private:
  static bool is_plain(const Node& node) { return node.kind == NodeKind::scalar && !node.quoted; }

  void wrong_type(const Node& node, const Shape& shape, const std::string& pointer) {
    problems_.add(node.mark, pointer, "wrong_type",
                  fmt::format("{} must be {}, not {}", spoken(pointer), wanted(shape), shown(node)));
  }

  void check_text(const Node& node, const Shape& shape, const std::string& pointer) {
    if (node.kind != NodeKind::scalar) return wrong_type(node, shape, pointer);
    const auto size = static_cast<std::int64_t>(node.text.size());
    if (size < shape.min) {
      problems_.add(node.mark, pointer, "bad_text", fmt::format("{} may not be empty text", spoken(pointer)));
    } else if (size > shape.max) {
      problems_.add(node.mark, pointer, "too_long",
                    fmt::format("{} has {} bytes; at most {} are allowed", spoken(pointer), size, shape.max));
    } else if (size > 0 && !shape.rule->matches(node.text)) {
      problems_.add(node.mark, pointer, "bad_text",
                    fmt::format("{} is \"{}\"; it {}", spoken(pointer), visible(node.text, 60), shape.rule->words));
    }
  }

  void check_number(const Node& node, const Shape& shape, const std::string& pointer,
                    std::optional<std::int64_t> value) {
    if (!is_plain(node) || !value) return wrong_type(node, shape, pointer);
    if (*value >= shape.min && *value <= shape.max) return;
    problems_.add(node.mark, pointer, "out_of_range",
                  fmt::format("{} is {}; it must be between {} and {}", spoken(pointer), shown(node),
                              limit_text(shape, shape.min), limit_text(shape, shape.max)));
  }

  void check_word(const Node& node, const Shape& shape, const std::string& pointer) {
    if (node.kind != NodeKind::scalar) return wrong_type(node, shape, pointer);
    const auto words = words_of(shape);
    if (std::find(words.begin(), words.end(), node.text) != words.end()) return;
    if (shape.rule != nullptr && shape.rule->matches(node.text)) return;
    problems_.add(node.mark, pointer, "unknown_word",
                  fmt::format("{} is {}; it must be {}{}{}", spoken(pointer), shown(node), fmt::join(words, " | "),
                              shape.rule != nullptr ? fmt::format(", or {}", shape.rule->words) : "",
                              words.size() > 1 ? did_you_mean(node.text, words) : ""));
  }

  void check_list(const Node& node, const Shape& shape, const std::string& pointer) {
    if (node.kind != NodeKind::list) return wrong_type(node, shape, pointer);
    check_count(node, shape, pointer);
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < node.items.size() && !problems_.is_full(); ++i) {
      const Node& item = node.items[i];
      check(item, *shape.element, child(pointer, i));
      if (!shape.unique || item.kind != NodeKind::scalar) continue;
      if (!seen.insert(item.text).second)
        problems_.add(item.mark, child(pointer, i), "repeated",
                      fmt::format("{} is in {} twice", visible(item.text, 60), spoken(pointer)));
    }
  }

  void check_count(const Node& node, const Shape& shape, const std::string& pointer) {
    const auto count = static_cast<std::int64_t>(node.items.size());
    if (count >= shape.min && count <= shape.max) return;
    problems_.add(
        node.mark, pointer, "out_of_range",
        fmt::format("{} has {} entries; it must have between {} and {}", spoken(pointer), count, shape.min, shape.max));
  }

  void check_map(const Node& node, const Shape& shape, const std::string& pointer) {
    if (node.kind != NodeKind::map) return wrong_type(node, shape, pointer);
    std::vector<std::string_view> names;
    for (const Key& key : shape.table->keys) names.push_back(key.name);
    std::vector<std::string> meant;  // by unknown keys: one mistake is reported once
    for (std::size_t i = 0; i < node.keys.size() && !problems_.is_full(); ++i) {
      const NodeKey& key = node.keys[i];
      const auto known = std::find_if(shape.table->keys.begin(), shape.table->keys.end(),
                                      [&](const Key& k) { return k.name == key.text; });
      if (known != shape.table->keys.end()) check(node.items[i], known->shape, child(pointer, key.text));
      else meant.push_back(report_unknown_key(key, names, pointer));
    }
    for (const Key& key : shape.table->keys) {
      const bool excused =
          find(node, key.name) != nullptr || std::find(meant.begin(), meant.end(), key.name) != meant.end();
      if (!key.required || excused || problems_.has_below(child(pointer, key.name))) continue;
      problems_.add(node.mark, child(pointer, key.name), "missing_key",
                    fmt::format("key {} is missing in {}", key.name, spoken(pointer)));
    }
  }

  // The key that was probably meant, or nothing.
  std::string report_unknown_key(const NodeKey& key, std::span<const std::string_view> names,
                                 const std::string& pointer) {
    const auto nearest = nearest_word(key.text, names);
    const std::string hint =
        nearest ? fmt::format("did you mean {}?", *nearest) : fmt::format("known here: {}", fmt::join(names, ", "));
    problems_.add(key.mark, child(pointer, key.text), "unknown_key",
                  fmt::format("unknown key {}; {}", visible(key.text, 60), hint));
    return nearest.value_or("");
  }

  void check_dictionary(const Node& node, const Shape& shape, const std::string& pointer) {
    if (node.kind != NodeKind::map) return wrong_type(node, shape, pointer);
    check_count(node, shape, pointer);
    for (std::size_t i = 0; i < node.keys.size() && !problems_.is_full(); ++i) {
      const NodeKey& key = node.keys[i];
      const std::string path = child(pointer, key.text);
      if (!shape.rule->matches(key.text)) {
        problems_.add(key.mark, path, "bad_key",
                      fmt::format("key {} of {} {}", visible(key.text, 60), spoken(pointer), shape.rule->words));
      }
      check(node.items[i], *shape.element, path);
    }
  }

  ProblemList& problems_;
};

}  // namespace

std::optional<std::int64_t> parse_share_ppm(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  const auto percent = parse_double(text.substr(0, text.size() - 1));
  if (!percent || std::abs(*percent) > 1e6) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(*percent * 1e4));
}

void check_shape(const Node& node, const Shape& shape, std::string_view pointer, ProblemList& problems) {
  Checker(problems).check(node, shape, std::string(pointer));
}

namespace {

void check_name(const Node& root, const std::string& wanted, std::string_view of, ProblemList& problems) {
  const Node* const name = find(root, "name");
  if (wanted.empty() || name == nullptr || name->kind != NodeKind::scalar || name->text == wanted ||
      problems.has_below("/name"))
    return;
  problems.add(name->mark, "/name", "wrong_name",
               fmt::format("name is {}; it must equal the {}, {}", name->text, of, visible(wanted, 60)));
}

}  // namespace

void check_programs(const Node& map, const std::string& pointer, ProblemList& problems) {
  for (const char* const key : {"command", "command_scaled"}) {
    const Node* const command = find(map, key, NodeKind::list);
    if (command == nullptr || command->items.empty()) continue;
    const Node& program = command->items.front();
    if (program.kind == NodeKind::scalar && program.text.empty())
      problems.add(program.mark, child(child(pointer, key), 0), "bad_text", fmt::format("{} names no program", key));
  }
}

void check_schema_first(const Node& root, ProblemList& problems) {
  if (root.keys.empty() || root.keys.front().text == "schema" || find(root, "schema") == nullptr) return;
  problems.add(root.keys.front().mark, "/schema", "wrong_order", "schema must be the first key");
}

void check_name_is_folder(const Node& root, const std::string& file, ProblemList& problems) {
  const std::filesystem::path path(file);
  if (path.filename() == kSentStackFile) return;
  check_name(root, path.parent_path().filename().string(), "folder", problems);
}

void check_name_is_stem(const Node& root, const std::string& file, ProblemList& problems) {
  check_name(root, std::filesystem::path(file).stem().string(), "file", problems);
}

}  // namespace dyno::stackfile
