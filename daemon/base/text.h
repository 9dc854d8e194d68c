// Text in small pieces: nearest known word for error messages, splitting, numbers read strictly, globs, instants. Quantities as
// people read them are in quantity.h. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace dyno {

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

// A-Z alone: header names, host names and words of a format are ASCII, and no locale has a say.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text);
bool same_ignoring_case(std::string_view a, std::string_view b);

// The known word closest to `word` (edit distance with transpositions at most a third of its length, at least 1), if any.
std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string_view> known);

// "; did you mean json_cap?" or an empty text: ready to be appended to an error.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

// The whole text as a decimal integer: no sign but '-', no leading zeros, no white space.
std::optional<std::int64_t> parse_int(std::string_view text);
// The whole text as a finite decimal number such as 12, 0.5 or 99.9.
std::optional<double> parse_double(std::string_view text);
// A number with a unit: ns us ms s min h d. "1.5s" is a second and a half; a bare number is refused.
std::optional<Nanos> parse_duration(std::string_view text);
// A number with a unit: B KiB MiB GiB.
std::optional<Bytes> parse_bytes(std::string_view text);

// Matches names against a pattern in which '*' stands for any run of characters.
bool glob_match(std::string_view pattern, std::string_view name);

// RFC 3339 in UTC with milliseconds and Z.
std::string format_instant(WallTime instant);
std::optional<WallTime> parse_instant(std::string_view text);

// Control characters made visible (\n, \t, \xNN) and cut at `limit` bytes on a character border: safe for one log line.
std::string visible(std::string_view text, std::size_t limit);
bool is_valid_utf8(std::string_view text);

}  // namespace dyno
