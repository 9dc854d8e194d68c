#include "api/request.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "base/text.h"

namespace dyno::api {
namespace {

std::optional<std::string_view> first_of(const Headers& pairs, std::string_view name) {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == name; });
  if (found == pairs.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const { return first_of(headers, name); }

std::optional<std::string_view> Request::parameter(std::string_view name) const { return first_of(query, name); }

std::vector<std::string> Request::parameters(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : query) {
    if (key == name) values.push_back(value);
  }
  return values;
}

namespace {

std::optional<std::string> decoded(std::string_view text) {
  auto bytes = percent_decoded(text);
  if (!bytes || !is_valid_utf8(*bytes)) return std::nullopt;
  return bytes;
}

// Forms write a blank as '+'.
std::optional<std::string> decoded_field(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return decoded(blanks);
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
      auto segment = decoded(part);
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
    auto name = decoded_field(pair.substr(0, equals));
    auto value = decoded_field(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!name || !value || value->find('\0') != std::string::npos) return broken_encoding();
    target.query.emplace_back(std::move(*name), std::move(*value));
  }
  return target;
}

}  // namespace dyno::api
