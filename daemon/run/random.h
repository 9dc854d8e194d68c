// A small seeded generator for shuffles, so that a stored seed gives the same plan on every machine and library.
// SplitMix64 (Steele, Lea, Flood 2014: "Fast splittable pseudorandom number generators"). Not for secrets. One thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace dyno::run {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  // Uniform in 0 … n−1, n > 0; rejects the uneven rest instead of folding it.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    std::uint64_t value = next();
    while (value >= limit) value = next();
    return value % n;
  }

  template <class T>
  void shuffle(std::vector<T>& items) {  // Fisher–Yates
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace dyno::run
