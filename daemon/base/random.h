// Small seeded random numbers: the same seed gives the same plan, the same load and the same questions on every machine and with
// every library. SplitMix64 (Steele, Lea, Flood 2014: "Fast splittable pseudorandom number generators"). Not for secrets. One
// per thread; random_seed may be called by any.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace dyno {

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
  // The same with one multiplication, for the measuring path; its bias of 2^-64 · n is far below what any test could see.
  std::uint64_t quick_below(std::uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<Wide>(next()) * n >> 64U);
  }

  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  // Exponentially distributed with mean 1.
  double exponential() { return -std::log1p(-unit()); }

  template <class T>
  void shuffle(std::vector<T>& items) {  // Fisher–Yates
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

// Bytes of the operating system's generator; at most 256.
void fill_random(std::span<std::uint8_t> bytes);
// A seed of the operating system's generator, never 0: 0 stands for "choose one" in what users write.
std::uint64_t random_seed();

}  // namespace dyno
