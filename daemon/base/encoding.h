// Bytes as text: hexadecimal, percent-encoding (RFC 3986), fields of CSV (RFC 4180), strings of JSON, and Base64 with padding (RFC 4648,
// section 4), read strictly. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dyno {

// 0 … 15, or -1 for what is no hexadecimal digit.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
// Two lower-case digits per byte.
std::string to_hex(std::string_view bytes);

// Letters, digits and -._~, which mean the same encoded or not.
constexpr bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}
// Bytes that are not `plain` become %XX.
std::string percent_encoded(std::string_view bytes, bool (*plain)(char) = is_unreserved);
// Nothing when a % is not followed by two hexadecimal digits; all other bytes stand for themselves.
std::optional<std::string> percent_decoded(std::string_view text);

// One field of RFC 4180: quoted where it must be.
std::string csv_field(std::string_view text);
// Whether a spreadsheet would take the text for a formula.
bool looks_like_a_formula(std::string_view text);

// A string of JSON with its quotes. What is not ASCII stays as it is.
std::string json_text(std::string_view text);

std::string to_base64(std::string_view bytes);
// Nothing for a text that to_base64 would not have written: no white space, no other alphabet.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace dyno
