// Names of enumerators as they stand on the wire, in SQL and in YAML, kept in one table an enum.
// An enum takes part by specialising kNames; order and spelling are those of the enumerators. Pure, thread-safe.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace dyno::model {

template <class E>
struct EnumNames;  // specialised beside each enum: static constexpr std::array<std::string_view, N> names

template <class E>
constexpr std::string_view to_string(E value) {
  return EnumNames<E>::names[static_cast<std::size_t>(value)];
}

template <class E>
constexpr std::optional<E> parse_enum(std::string_view text) {
  const auto& names = EnumNames<E>::names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<E>(i);
  }
  return std::nullopt;
}

template <class E>
constexpr std::span<const std::string_view> names_of() {
  return EnumNames<E>::names;
}

}  // namespace dyno::model
