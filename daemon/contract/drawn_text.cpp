#include "contract/drawn_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace dyno::contract {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && (is_letter(text.front()) || text.front() == '_') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; });
}

DrawnPart part_of(std::string_view inside) {
  if (inside == "uuid") return {.kind = DrawnKind::uuid, .text = "{uuid}"};
  if (inside == "seq") return {.kind = DrawnKind::sequence, .text = "{seq}"};
  const std::string as_it_stands = fmt::format("{{{}}}", inside);
  if (const std::size_t dots = inside.find(".."); dots != std::string_view::npos) {
    const auto low = parse_int(inside.substr(0, dots));
    const auto high = parse_int(inside.substr(dots + 2));
    if (!low || !high) return {.kind = DrawnKind::stray, .text = as_it_stands};
    return {.kind = *low <= *high ? DrawnKind::range : DrawnKind::backward,
            .text = as_it_stands,
            .low = *low,
            .high = *high};
  }
  if (is_name(inside)) return {.kind = DrawnKind::name, .text = std::string(inside)};
  return {.kind = DrawnKind::stray, .text = as_it_stands};
}

// Of a range that is longer than any number of values could show, one of its first.
std::int64_t within(const DrawnPart& range, Draw& draw) {
  constexpr std::uint64_t kMost = 1ULL << 62U;
  const std::uint64_t span = static_cast<std::uint64_t>(range.high) - static_cast<std::uint64_t>(range.low);
  return range.low + draw.between(0, static_cast<std::int64_t>(std::min(span, kMost)));
}

std::string uuid(Draw& draw) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
  for (char& c : text) {
    if (c == 'x') c = kDigits[static_cast<std::size_t>(draw.between(0, 15))];
  }
  return text;
}

std::string filled(const DrawnPart& part, const DrawnFor& drawn, Draw& draw) {
  switch (part.kind) {
    case DrawnKind::text:
    case DrawnKind::backward:
    case DrawnKind::stray: return part.text;
    case DrawnKind::uuid: return uuid(draw);
    case DrawnKind::sequence: return fmt::format("{}", drawn.sequence);
    case DrawnKind::range:
      if (drawn.end == RangeEnd::low) return fmt::format("{}", part.low);
      if (drawn.end == RangeEnd::high) return fmt::format("{}", part.high);
      return fmt::format("{}", within(part, draw));
    case DrawnKind::name: {
      const auto found = drawn.values.find(part.text);
      return found == drawn.values.end() ? fmt::format("{{{}}}", part.text) : found->second;
    }
  }
  return "";
}

}  // namespace

std::vector<DrawnPart> drawn_parts(std::string_view text) {
  std::vector<DrawnPart> parts;
  const auto add_text = [&parts](std::string_view plain) {
    if (!plain.empty()) parts.push_back({.kind = DrawnKind::text, .text = std::string(plain)});
  };
  while (true) {
    const std::size_t open = text.find('{');
    add_text(text.substr(0, open));
    if (open == std::string_view::npos) return parts;
    text.remove_prefix(open + 1);
    const std::size_t close = text.find_first_of("{}");
    if (close == std::string_view::npos || text[close] == '{') {
      parts.push_back({.kind = DrawnKind::stray, .text = "{"});
      continue;
    }
    DrawnPart part = part_of(text.substr(0, close));
    text.remove_prefix(close + 1);
    parts.push_back(std::move(part));
  }
}

std::size_t count_drawn(const std::vector<DrawnPart>& parts) {
  return static_cast<std::size_t>(std::count_if(parts.begin(), parts.end(), [](const DrawnPart& part) {
    return part.kind != DrawnKind::text && part.kind != DrawnKind::stray && part.kind != DrawnKind::backward;
  }));
}

std::string fill(std::string_view text, const DrawnFor& drawn, Draw& draw) {
  std::string all;
  for (const DrawnPart& part : drawn_parts(text)) all += filled(part, drawn, draw);
  return all;
}

}  // namespace dyno::contract
