#include "numbers.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <system_error>

std::optional<int> parse_within(std::string_view text, int low, int high) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < static_cast<unsigned>(low) || value > static_cast<unsigned>(high)) return std::nullopt;
  return static_cast<int>(value);
}

bool is_integer(std::string_view text) {
  if (text.size() > 1 && text.front() == '-') text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return '0' <= c && c <= '9'; });
}

int clamp(std::string_view integer, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(integer.data(), integer.data() + integer.size(), value);
  if (error == std::errc::result_out_of_range) return integer.front() == '-' ? low : high;
  return std::clamp(value, low, high);
}

int row_count(std::string_view text) { return is_integer(text) ? clamp(text, 1, 500) : 1; }

int draw(int low, int high) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_int_distribution<int>(low, high)(generator);
}
