// Values drawn from a seed for verification: the same seed asks the same questions on every machine. Not for secrets. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"

namespace dyno::contract {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  // A sequence of its own for each purpose: what one workload is asked does not depend on which others there are.
  static Draw of(std::uint64_t seed, std::string_view purpose, std::string_view name) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
    const auto mix = [&hash](std::string_view text) {
      for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    };
    mix(purpose);
    mix("/");
    mix(name);
    return Draw(seed ^ hash);
  }

  // low … high, both possible. The bias of the remainder does not matter for questions.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_.next() % static_cast<std::uint64_t>(high - low + 1));
  }

  // `size` of A-Z a-z 0-9.
  std::string word(std::int64_t size) {
    constexpr const char* kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text;
    for (std::int64_t i = 0; i < size; ++i) text += kLetters[between(0, 61)];
    return text;
  }

 private:
  Random random_;
};

}  // namespace dyno::contract
