// Values drawn from a seed for verification: the same seed asks the same questions on every machine. SplitMix64 (Steele, Lea,
// Flood 2014). Not for secrets. One thread.
#pragma once

#include <cstdint>
#include <string>

namespace dyno::contract {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  // low … high, both possible. The bias of the remainder does not matter for questions.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }

  // `size` of A-Z a-z 0-9.
  std::string word(std::int64_t size) {
    constexpr const char* kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text;
    for (std::int64_t i = 0; i < size; ++i) text += kLetters[between(0, 61)];
    return text;
  }

 private:
  std::uint64_t state_;
};

}  // namespace dyno::contract
