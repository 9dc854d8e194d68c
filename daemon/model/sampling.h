// How often a container's counters may be read: what a profile may ask for, and what the sampler does.
#pragma once

#include "base/units.h"

namespace dyno::model {

// More often, reading would take the app's CPU; more rarely, a phase would end with too few samples for a median.
inline constexpr Nanos kShortestSamplePeriod = std::chrono::milliseconds(10);
inline constexpr Nanos kLongestSamplePeriod = std::chrono::seconds(1);

}  // namespace dyno::model
