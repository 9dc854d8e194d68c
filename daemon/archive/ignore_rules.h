// The rules of a .dockerignore file as `docker build` reads them: names and folders, '*', '?' and [classes] within a name, '**' over
// folders, '\' before what is meant literally, '!' for exceptions, last rule wins. A rule that matches a folder covers all within; an
// ignored folder is entered only where an exception begins with its name. Pure; reads no file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dyno::archive {

class IgnoreRules {
 public:
  // invalid_argument: a pattern that no engine takes, with its line.
  static Result<IgnoreRules> parse(std::string_view file_text);

  bool is_ignored(std::string_view relative_path) const;
  // Of an ignored folder.
  bool may_hold_exceptions(std::string_view folder) const;

 private:
  struct Token {
    enum class Kind { literal, any, star, folders, rest, one_of, none_of };
    Kind kind = Kind::literal;
    char32_t letter = 0;
    std::vector<std::pair<char32_t, char32_t>> ranges;  // of one_of, none_of
  };
  struct Rule {
    std::vector<Token> tokens;
    std::string text;
    bool exception = false;
  };
  static std::optional<Token> class_at(std::u32string_view pattern, std::size_t& i);
  static Result<std::vector<Token>> tokens_of(std::u32string_view pattern);
  static bool matches(const std::vector<Token>& tokens, std::u32string_view path);

  std::vector<Rule> rules_;
};

}  // namespace dyno::archive
