#include "contract/html_tokens.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace dyno::contract {
namespace {

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    out += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

// The code point between & and ;.
std::optional<unsigned> entity(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 7> kNamed{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"mdash", 0x2014}, {"nbsp", 0xA0}}};
  for (const auto& [known, code] : kNamed) {
    if (name == known) return code;
  }
  if (!name.starts_with('#') || name.size() < 2) return std::nullopt;
  const bool hex = name[1] == 'x' || name[1] == 'X';
  const std::string_view digits = name.substr(hex ? 2 : 1);
  unsigned code = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || code == 0 ||
      code > 0x10FFFF)
    return std::nullopt;
  return code;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '&') {
      out += text[i];
      continue;
    }
    const std::size_t end = text.find(';', i);
    const auto code = end == std::string_view::npos ? std::nullopt : entity(text.substr(i + 1, end - i - 1));
    if (!code) return std::nullopt;
    append_utf8(out, *code);
    i = end;
  }
  return out;
}

}  // namespace

std::optional<std::vector<std::string>> html_tokens(std::string_view html) {
  std::vector<std::string> tokens;
  while (!html.empty()) {
    const bool is_tag = html.front() == '<';
    std::size_t end = html.find(is_tag ? '>' : '<');
    if (is_tag && end == std::string_view::npos) return std::nullopt;
    end = end == std::string_view::npos ? html.size() : end + (is_tag ? 1 : 0);
    const std::string_view token = html.substr(0, end);
    html.remove_prefix(end);
    if (is_tag) {
      tokens.push_back(lower(token));
      continue;
    }
    const auto text = decoded(token);
    if (!text) return std::nullopt;
    if (!trim(*text).empty()) tokens.emplace_back(trim(*text));
  }
  return tokens;
}

}  // namespace dyno::contract
