// The text lines that dynod and dyno-load exchange: a word and fields, `second good=812 p99_ns=41200`. Values are
// percent-encoded, so a line holds any bytes. Knows the form of a line, not which words exist. Values; no I/O.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace dyno {

// Of the words and keys in daemon/docs/load-protocol.md; both ends refuse any other.
constexpr int kLoadProtocol = 4;

class Line {
 public:
  explicit Line(std::string word) : word_(std::move(word)) {}

  Line& add(std::string_view key, std::string_view value);
  Line& add(std::string_view key, std::integral auto value) {
    return add(key, std::string_view(std::to_string(value)));
  }
  Line& add(std::string_view key, double value);

  const std::string& word() const { return word_; }
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
  std::string text() const;  // with the newline

  // One line without its newline. A key twice, a bare word behind the first or a broken escape is an error.
  static Result<Line> parse(std::string_view text);

 private:
  std::string word_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Takes the fields of one line apart. The first problem is kept and told by finish(); until then wrong fields read as
// their fallback. A field that nobody asked for is a problem too.
class LineReader {
 public:
  explicit LineReader(const Line& line) : line_(line), asked_(line.fields().size(), false) {}

  std::string text(std::string_view key);  // mandatory
  std::string text_or(std::string_view key, std::string_view fallback);
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
  std::int64_t integer_or(std::string_view key, std::int64_t fallback, std::int64_t low, std::int64_t high);
  double number(std::string_view key, double low, double high);
  double number_or(std::string_view key, double fallback, double low, double high);

  Status finish() const;

 private:
  const std::string* find(std::string_view key);
  const std::string* need(std::string_view key);
  void problem(std::string text);

  const Line& line_;
  std::vector<bool> asked_;
  std::string problem_;
};

}  // namespace dyno
