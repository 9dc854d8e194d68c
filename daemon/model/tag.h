// What a tag of a run may be.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace dyno::model {

inline constexpr std::size_t kMostTags = 20;
inline constexpr std::size_t kMostTagBytes = 40;

// Small letters, digits and ._:/- behind the first.
inline bool is_tag(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  constexpr std::string_view kOthers = "._:/-";
  return !text.empty() && text.size() <= kMostTagBytes && plain(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return plain(c) || kOthers.find(c) != std::string_view::npos; });
}

}  // namespace dyno::model
