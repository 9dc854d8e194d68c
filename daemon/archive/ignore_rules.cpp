#include "archive/ignore_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/text.h"

namespace dyno::archive {
namespace {

// Bytes that are no UTF-8 stand for themselves, each a letter that no text has.
std::u32string letters(std::string_view text) {
  constexpr char32_t kStrayByte = 0x110000;
  std::u32string all;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0x80) {
      all.push_back(lead);
    } else if (i + length > text.size() || !is_valid_utf8(text.substr(i, length))) {
      all.push_back(kStrayByte + lead);
      ++i;
      continue;
    } else {
      char32_t letter = lead & (0x7fU >> length);
      for (std::size_t k = 1; k < length; ++k)
        letter = (letter << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
      all.push_back(letter);
    }
    i += length;
  }
  return all;
}

// Without "./", "//", "a/.." and a slash at the end; empty stays empty.
std::string cleaned(std::string_view path) {
  if (path.empty()) return {};
  std::string clean = std::filesystem::path(path).lexically_normal().generic_string();
  while (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  return clean;
}

bool has_at(std::u32string_view text, std::size_t at, char32_t letter) {
  return at < text.size() && text[at] == letter;
}

}  // namespace

// The class of letters that begins at `i`, which then stands on its closing bracket; nothing where it is malformed.
std::optional<IgnoreRules::Token> IgnoreRules::class_at(std::u32string_view pattern, std::size_t& i) {
  const auto here = [&](char32_t letter) { return has_at(pattern, i, letter); };
  const auto letter = [&]() -> char32_t {
    if (here(U'\\')) ++i;
    return i < pattern.size() ? pattern[i++] : U'\0';
  };
  Token token{has_at(pattern, i + 1, U'^') ? Token::Kind::none_of : Token::Kind::one_of, 0, {}};
  i += token.kind == Token::Kind::none_of ? 2 : 1;
  while (i < pattern.size() && !here(U']')) {
    const char32_t low = letter();
    char32_t high = low;
    if (here(U'-')) {
      ++i;
      if (here(U']')) return std::nullopt;
      high = letter();
    }
    if (low == U'-' || high < low) return std::nullopt;
    token.ranges.emplace_back(low, high);
  }
  if (!here(U']') || token.ranges.empty()) return std::nullopt;
  return token;
}

Result<std::vector<IgnoreRules::Token>> IgnoreRules::tokens_of(std::u32string_view pattern) {
  const auto bad = [] { return fail(ErrorCode::invalid_argument, "syntax error in pattern"); };
  std::vector<Token> tokens;
  const auto has = [pattern](std::size_t at, char32_t letter) { return has_at(pattern, at, letter); };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    switch (pattern[i]) {
      case U'*':
        if (!has(i + 1, U'*')) {
          tokens.push_back({Token::Kind::star, 0, {}});
          break;
        }
        i += has(i + 2, U'/') ? 2 : 1;
        tokens.push_back({i + 1 == pattern.size() ? Token::Kind::rest : Token::Kind::folders, 0, {}});
        break;
      case U'?': tokens.push_back({Token::Kind::any, 0, {}}); break;
      case U'\\':
        if (++i == pattern.size()) return bad();
        tokens.push_back({Token::Kind::literal, pattern[i], {}});
        break;
      case U'[': {
        auto token = class_at(pattern, i);
        if (!token) return bad();
        tokens.push_back(std::move(*token));
        break;
      }
      default: tokens.push_back({Token::Kind::literal, pattern[i], {}}); break;
    }
  }
  return tokens;
}

// Every place in the path that some way through the tokens so far can have reached: linear in each, whatever the pattern.
bool IgnoreRules::matches(const std::vector<Token>& tokens, std::u32string_view path) {
  std::vector<bool> reached(path.size() + 1, false);
  reached[0] = true;
  for (const Token& token : tokens) {
    std::vector<bool> next(path.size() + 1, false);
    bool any_before = false;  // that a star or "**/" has come past
    for (std::size_t i = 0; i <= path.size(); ++i) {
      const bool here = reached[i];
      switch (token.kind) {
        case Token::Kind::star:
          any_before = here || (any_before && (i == 0 || path[i - 1] != U'/'));
          if (any_before) next[i] = true;
          continue;
        case Token::Kind::folders:
          if (here || (any_before && i > 0 && path[i - 1] == U'/')) next[i] = true;
          any_before = any_before || here;
          continue;
        case Token::Kind::rest:
          any_before = any_before || here;
          if (any_before) next[i] = true;
          continue;
        case Token::Kind::literal:
        case Token::Kind::any:
        case Token::Kind::one_of:
        case Token::Kind::none_of: break;
      }
      if (!here || i == path.size()) continue;
      const char32_t letter = path[i];
      const bool in_ranges = std::any_of(token.ranges.begin(), token.ranges.end(), [letter](const auto& range) {
        return letter >= range.first && letter <= range.second;
      });
      const bool fits = token.kind == Token::Kind::literal  ? letter == token.letter
                        : token.kind == Token::Kind::any    ? letter != U'/'
                        : token.kind == Token::Kind::one_of ? in_ranges
                                                            : !in_ranges;
      if (fits) next[i + 1] = true;
    }
    reached = std::move(next);
  }
  return reached[path.size()];
}

Result<IgnoreRules> IgnoreRules::parse(std::string_view file_text) {
  IgnoreRules rules;
  if (file_text.starts_with("\xef\xbb\xbf")) file_text.remove_prefix(3);
  int number = 0;
  for (std::string_view line : split(file_text, '\n')) {
    ++number;
    if (line.starts_with('#')) continue;
    line = trim(line);
    if (line.empty()) continue;
    Rule rule;
    rule.exception = line.front() == '!';
    if (rule.exception) line = trim(line.substr(1));
    rule.text = cleaned(line);
    if (rule.text.size() > 1 && rule.text.front() == '/') rule.text.erase(0, 1);
    auto tokens = tokens_of(letters(rule.text));
    if (rule.text.empty()) tokens = fail(ErrorCode::invalid_argument, "an exception from nothing");
    if (!tokens) return fail(tokens.error(), fmt::format(".dockerignore:{}: {}", number, visible(line, 80)));
    rule.tokens = std::move(*tokens);
    rules.rules_.push_back(std::move(rule));
  }
  return rules;
}

bool IgnoreRules::is_ignored(std::string_view relative_path) const {
  // The path and every folder above it.
  std::vector<std::u32string> paths{letters(relative_path)};
  for (std::size_t at = relative_path.find('/'); at != std::string_view::npos; at = relative_path.find('/', at + 1))
    paths.push_back(letters(relative_path.substr(0, at)));
  bool ignored = false;
  for (const Rule& rule : rules_) {
    if (rule.exception != ignored) continue;
    const bool hit =
        std::any_of(paths.begin(), paths.end(), [&](const auto& path) { return matches(rule.tokens, path); });
    if (hit) ignored = !rule.exception;
  }
  return ignored;
}

bool IgnoreRules::may_hold_exceptions(std::string_view folder) const {
  const std::string inside = std::string(folder) + "/";
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const Rule& rule) { return rule.exception && (rule.text + "/").starts_with(inside); });
}

}  // namespace dyno::archive
