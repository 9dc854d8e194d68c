// A regular expression that takes time linear in the text, whoever wrote the two: RE2's syntax (no back references, no look-around).
// Immutable after compile(); thread-safe. Matching may take memory from the heap.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace dyno {

class Pattern {
 public:
  static constexpr std::size_t kMostBytes = 1000;

  // invalid_argument, with what is wrong in words: "missing ): (abc". A pattern that would compile to more than 1 MiB is refused.
  static Result<Pattern> compile(std::string_view text);
  ~Pattern();
  Pattern(Pattern&& other) noexcept;
  Pattern& operator=(Pattern&& other) noexcept;

  const std::string& text() const;
  int groups() const;  // in parentheses, but for (?:…)
  // Anywhere in the text; ^ and $ are its ends.
  bool is_found_in(std::string_view text) const;
  // What the first group matched, a part of `text`; nothing where the pattern is not found, or that group took no part.
  std::optional<std::string_view> first_group(std::string_view text) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> engine);

  std::unique_ptr<re2::RE2> engine_;
};

}  // namespace dyno
