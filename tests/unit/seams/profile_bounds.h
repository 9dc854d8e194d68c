// Profiles at the edge of what a profile may say, made from the table of its keys itself: a key that is added there is tried here
// at its least and its greatest value without being named. For tests.
#pragma once

#include <string>
#include <vector>

namespace dyno::seams {

struct BoundProfile {
  std::string what;  // "/memory/sample_every = 10000000000ns"
  std::string text;  // YAML
};

// One profile per bound and base: a bound that contradicts one base (`min` in a fixed warm-up) is accepted by another.
std::vector<BoundProfile> profiles_at_their_bounds();

}  // namespace dyno::seams
