#include "stackfile/drawn_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/drawn_text.h"

namespace dyno::stackfile {
namespace {

using contract::DrawnKind;
using contract::DrawnPart;

constexpr std::size_t kMostDrawnParts = 15;  // what dyno-load makes of a request has 31, and HTTP/2 needs further ones

}  // namespace

void DrawnNames::set_table(std::optional<CsvTable> table) {
  has_table_ = true;
  table_ = std::move(table);
}

void DrawnNames::note_takes(const model::OwnRequest& request, std::size_t step, const Node& node,
                            const std::string& pointer) {
  steps_.push_back(request.name);
  const Node& takes = map_at(node, "take");
  for (const NodeKey& key : takes.keys) {
    const std::string at = child(child(pointer, "take"), key.text);
    if (key.text == "uuid" || key.text == "seq") {
      problems_.add(key.mark, at, "reserved", fmt::format("{{{}}} is drawn; take another name", key.text));
    } else if (table_ && table_->column(key.text)) {
      problems_.add(key.mark, at, "repeated", fmt::format("{} is a column of the table already", key.text));
    } else if (!taken_.emplace(key.text, step).second) {
      problems_.add(key.mark, at, "repeated", fmt::format("{} is taken twice", key.text));
    }
  }
}

void DrawnNames::check(const model::OwnRequest& request, std::size_t step, const Node& node,
                       const std::string& pointer) const {
  std::size_t drawn = 0;
  if (const Node* const path = find(node, "path"))
    drawn += check_text(path->text, Place{path->mark, child(pointer, "path"), true, true}, step);
  const Node& headers = map_at(node, "headers");
  for (std::size_t i = 0; i < headers.keys.size(); ++i)
    drawn += check_text(
        headers.items[i].text,
        Place{headers.items[i].mark, child(child(pointer, "headers"), headers.keys[i].text), true, false}, step);
  if (const Node* const body = find(node, "body"))
    drawn += check_text(request.body, Place{body->mark, child(pointer, "body"), false, false}, step);
  if (drawn > kMostDrawnParts)
    problems_.add(node.mark, pointer, "too_many",
                  fmt::format("the request has {} drawn parts; at most {} are allowed", drawn, kMostDrawnParts));
}

// How many parts of it are drawn.
std::size_t DrawnNames::check_text(const std::string& text, const Place& place, std::size_t step) const {
  const auto parts = contract::drawn_parts(text);
  std::size_t drawn = 0;
  for (const DrawnPart& part : parts) {
    if (problems_.is_full()) break;
    if (part.kind == DrawnKind::backward) {
      problems_.add(place.mark, place.pointer, "out_of_range",
                    fmt::format("{} runs backwards; write {{{}..{}}}", part.text, part.high, part.low));
    } else if (part.kind == DrawnKind::stray && place.is_strict) {
      problems_.add(place.mark, place.pointer, "bad_placeholder",
                    fmt::format("{} is nothing that is drawn; known are {{1..500}}, {{uuid}}, {{seq}} and {{name}}",
                                visible(part.text, 60)));
    } else if (part.kind == DrawnKind::name) {
      drawn += check_name(part.text, place, step) ? 1 : 0;
    } else if (part.kind != DrawnKind::text && part.kind != DrawnKind::stray) {
      ++drawn;
    }
  }
  return drawn;
}

// Whether it stands for something.
bool DrawnNames::check_name(const std::string& name, const Place& place, std::size_t step) const {
  if (const auto taken = taken_.find(name); taken != taken_.end()) {
    if (taken->second < step) return true;
    problems_.add(
        place.mark, place.pointer, "unknown_reference",
        taken->second == step
            ? fmt::format("{{{}}} is taken from the answer to this very step", name)
            : fmt::format("{{{}}} is taken by step {} ({}), which is sent later; move that step before this one", name,
                          taken->second + 1, visible(steps_[taken->second], 60)));
    return true;
  }
  if (has_table_ && !table_) return true;  // that it cannot be read was said, or it was not looked at
  if (const auto column = table_ ? table_->column(name) : std::nullopt) {
    check_values(*column, place);
    return true;
  }
  std::vector<std::string_view> known;
  for (const auto& [taken, at] : taken_) known.push_back(taken);
  if (table_) known.insert(known.end(), table_->names.begin(), table_->names.end());
  const auto nearest = nearest_word(name, known);
  // In a body other braces may stand, but not what looks like a slip of the pen.
  if (!place.is_strict && !nearest) return false;
  problems_.add(
      place.mark, place.pointer, "unknown_reference",
      fmt::format("{{{}}} stands for nothing: no earlier step takes it and no column of a table is called so{}",
                  visible(name, 60), nearest ? fmt::format("; did you mean {{{}}}?", *nearest) : ""));
  return false;
}

// What a path or a header cannot hold.
void DrawnNames::check_values(std::size_t column, const Place& place) const {
  if (!place.is_strict) return;
  for (std::size_t row = 0; row < table_->rows.size(); ++row) {
    const std::string& value = table_->rows[row][column];
    const bool fits = std::none_of(value.begin(), value.end(), [&](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte < ' ' || byte == 0x7F || (place.in_path && byte == ' ');
    });
    if (fits && !(place.in_path && value.empty())) continue;
    problems_.add(place.mark, place.pointer, "bad_value",
                  fmt::format("row {} of the table has \"{}\" for {{{}}}, which cannot stand {}", row + 1,
                              visible(value, 40), table_->names[column],
                              place.in_path ? "in a path; encode it, such as %20 for a blank" : "in a header"));
    return;
  }
}

}  // namespace dyno::stackfile
