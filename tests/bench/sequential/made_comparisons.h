// Made comparisons of two versions: one throughput a side and block, drawn, looked at by the rule of a run that goes on until it is decided.
#pragma once

#include <cstdint>
#include <string_view>

namespace dyno::tests {

enum class Noise {
  normal,
  lognormal,
  heavy,     // Student's t with 3 degrees of freedom, of the same spread between its quartiles
  drifting,  // normal, and the machine becomes slower by a spread every four blocks
  skewed,    // each tenth trial is slower by four spreads, which no pair shares
  lucky,     // each fifth trial is 5 to 30 % slower, as on a machine with neighbours
  shared     // a block has ten spreads in common
};
std::string_view to_string(Noise noise);

struct Made {
  Noise noise = Noise::normal;
  double cv = 0.05;    // of one trial
  double change = 0;   // of b: 0.1 is 10 % less throughput
  int most = 40;       // blocks
  double band = 0.03;  // 0: each interval beyond 1 is an alarm, as it is where noise is wide against the band
};

struct Decided {
  int comparisons = 0;
  int worse = 0;
  int better = 0;
  int same = 0;
  double blocks = 0;  // mean
};

// What pairs of one sample show at 95 %.
struct Shown {
  int comparisons = 0;
  double half_by_difference = 0;  // of the interval's width in the log, by signed ranks of the differences; median
  double half = 0;                // the same as comparisons do it
  int alarms = 0;                 // intervals that leave no difference out, where there is none
  int found = 0;                  // those that would, were there as much as was said to be detectable
};

Shown show_pairs(Noise noise, double cv, int pairs, int comparisons, std::uint64_t seed);

Decided decide_made(const Made& made, int comparisons, std::uint64_t seed);

}  // namespace dyno::tests
