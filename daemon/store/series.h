// Samples of a phase as they are shown: the smallest, largest and last reading of each interval of time. Pure values and one
// pure function; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/measurement.h"

namespace dyno::store {

struct Spread {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t last = 0;
};

struct SampleBucket {
  MonotonicTime at;  // begin of the interval, or the sample's own time where every sample is given
  int n = 0;         // readings in it; intervals without one are left out
  Spread private_bytes;
  Spread docker_equivalent;
  std::int64_t cpu_ns = 0;        // cumulative, at the last reading
  std::int64_t throttled_ns = 0;  // cumulative, at the last reading
};

struct SampleSeries {
  std::string phase;
  MonotonicTime window_begin;
  MonotonicTime window_end;
  std::vector<SampleBucket> buckets;
};

struct SecondSeries {
  std::string phase;
  std::vector<model::SecondPoint> seconds;
};

// Intervals of `resolution` counted from the first sample; every sample by itself where `resolution` is 0.
std::vector<SampleBucket> bucket_samples(std::span<const model::Sample> samples, Nanos resolution);

}  // namespace dyno::store
