#include "api/target.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace dyno::api {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      decoded.push_back(' ');
    } else if (text[i] != '%') {
      decoded.push_back(text[i]);
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return std::nullopt;
      decoded.push_back(static_cast<char>(*high * 16 + *low));
      i += 2;
    }
  }
  if (!is_valid_utf8(decoded)) return std::nullopt;
  return decoded;
}

bool may_leave_a_folder(std::string_view segment) {
  return segment == "." || segment == ".." ||
         segment.find_first_of(std::string_view("/\\\0", 3)) != std::string_view::npos;
}

tl::unexpected<Refusal> broken_encoding() {
  return tl::unexpected<Refusal>(Refusal{400, "bad-request", "the target is not properly encoded"});
}

}  // namespace

tl::expected<Target, Refusal> parse_target(std::string_view text) {
  Target target;
  const std::size_t mark = text.find('?');
  target.path = text.substr(0, mark);
  if (target.path.empty() || target.path.front() != '/') return broken_encoding();
  if (target.path.size() > 1) {
    for (const std::string_view part : split(std::string_view(target.path).substr(1), '/')) {
      auto segment = percent_decode(part, false);
      if (!segment) return broken_encoding();
      if (may_leave_a_folder(*segment))
        return tl::unexpected<Refusal>(Refusal{404, "not-found", "there is nothing under this path"});
      target.segments.push_back(std::move(*segment));
    }
  }
  if (mark == std::string_view::npos) return target;
  for (const std::string_view pair : split(text.substr(mark + 1), '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value || value->find('\0') != std::string::npos) return broken_encoding();
    target.query.emplace_back(std::move(*name), std::move(*value));
  }
  return target;
}

}  // namespace dyno::api
