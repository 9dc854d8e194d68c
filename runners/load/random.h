// Small seeded random numbers (splitmix64): the same seed gives the same load. Not for secrets. One per thread.
#pragma once

#include <cmath>
#include <cstdint>

namespace dyno::loadgen {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Uniform in [0, bound), bound > 0; the bias of 2^-64 · bound is far below what any test could see.
  std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<Wide>(next()) * bound >> 64);
  }
  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  // Exponentially distributed with mean 1.
  double exponential() { return -std::log1p(-unit()); }

 private:
  std::uint64_t state_;
};

}  // namespace dyno::loadgen
