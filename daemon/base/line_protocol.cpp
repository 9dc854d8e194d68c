#include "base/line_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"

namespace dyno {
namespace {

bool is_plain(char c) { return c > ' ' && c < 0x7f && c != '%' && c != '='; }

std::optional<std::string> decoded(std::string_view text) {
  const auto may_stand = [](char c) { return is_plain(c) || c == '%'; };
  if (!std::all_of(text.begin(), text.end(), may_stand)) return std::nullopt;
  return percent_decoded(text);
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

Line& Line::add(std::string_view key, std::string_view value) {
  fields_.emplace_back(key, value);
  return *this;
}

Line& Line::add(std::string_view key, double value) {
  std::array<char, 400> digits{};  // enough for the longest double without an exponent
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  return add(key, std::string_view(digits.data(), static_cast<std::size_t>(end.ptr - digits.data())));
}

std::string Line::text() const {
  std::string text = word_;
  for (const auto& [key, value] : fields_) text += " " + key + "=" + percent_encoded(value, is_plain);
  return text + "\n";
}

Result<Line> Line::parse(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::protocol, fmt::format("{} in the line \"{}\"", why, visible(text, 120)));
  };
  const std::vector<std::string_view> parts = split(text, ' ');
  if (parts.empty() || !is_name(parts.front())) return bad("no word");
  Line line{std::string(parts.front())};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    if (equals == std::string_view::npos || !is_name(parts[i].substr(0, equals)))
      return bad("a field that is not key=value");
    std::string key(parts[i].substr(0, equals));
    for (const auto& field : line.fields_) {
      if (field.first == key) return bad("a key twice");
    }
    auto value = decoded(parts[i].substr(equals + 1));
    if (!value) return bad("a broken escape");
    line.fields_.emplace_back(std::move(key), std::move(*value));
  }
  return line;
}

const std::string* LineReader::find(std::string_view key) {
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    if (line_.fields()[i].first != key) continue;
    asked_[i] = true;
    return &line_.fields()[i].second;
  }
  return nullptr;
}

const std::string* LineReader::need(std::string_view key) {
  const std::string* value = find(key);
  if (value == nullptr) problem(fmt::format("{} is missing", key));
  return value;
}

void LineReader::problem(std::string text) {
  if (problem_.empty()) problem_ = std::move(text);
}

std::string LineReader::text(std::string_view key) {
  const std::string* value = need(key);
  return value == nullptr ? std::string() : *value;
}

std::string LineReader::text_or(std::string_view key, std::string_view fallback) {
  const std::string* value = find(key);
  return value == nullptr ? std::string(fallback) : *value;
}

std::int64_t LineReader::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  return need(key) == nullptr ? low : integer_or(key, low, low, high);
}

std::int64_t LineReader::integer_or(std::string_view key, std::int64_t fallback, std::int64_t low, std::int64_t high) {
  const std::string* value = find(key);
  if (value == nullptr) return fallback;
  const auto number = parse_int(*value);
  if (number && *number >= low && *number <= high) return *number;
  problem(fmt::format("{}={} is not an integer of {} to {}", key, visible(*value, 40), low, high));
  return fallback;
}

double LineReader::number(std::string_view key, double low, double high) {
  return need(key) == nullptr ? low : number_or(key, low, low, high);
}

double LineReader::number_or(std::string_view key, double fallback, double low, double high) {
  const std::string* value = find(key);
  if (value == nullptr) return fallback;
  const auto number = parse_double(*value);
  if (number && *number >= low && *number <= high) return *number;
  problem(fmt::format("{}={} is not a number of {} to {}", key, visible(*value, 40), low, high));
  return fallback;
}

Status LineReader::finish() const {
  std::string text = problem_;
  for (std::size_t i = 0; i < asked_.size() && text.empty(); ++i) {
    if (!asked_[i]) text = fmt::format("{} is not known here", line_.fields()[i].first);
  }
  if (text.empty()) return {};
  return fail(ErrorCode::protocol, fmt::format("line \"{}\": {}", line_.word(), text));
}

}  // namespace dyno
