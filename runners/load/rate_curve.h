// How the rate of an open loop changes over a phase: straight lines between points, so ramps; two points at one moment make a step,
// four a spike. Says when the n-th request is due; pure arithmetic. Before the first point and behind the last the rate is theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dyno::loadgen {

struct RatePoint {
  std::int64_t at_ns = 0;
  double per_s = 0;

  bool operator==(const RatePoint&) const = default;
};

class RateCurve {
 public:
  explicit RateCurve(double per_s) : RateCurve(std::vector<RatePoint>{{0, per_s}}) {}
  // Points in order of time, from 0 on, at least one; rates from 0 on.
  explicit RateCurve(const std::vector<RatePoint>& points);

  // When `count` requests have become due, in nanoseconds since the curve began; kNever when that many never do. `hint` is the
  // segment of the call before, 0 at first: with rising counts each call is a few operations.
  double time_of(double count, std::size_t& hint) const;
  double peak_per_s() const { return peak_per_s_; }

 private:
  struct Segment {
    double begin_ns = 0;
    double begin_count = 0;
    double per_ns = 0;
    double slope = 0;  // requests per ns²
  };

  std::vector<Segment> segments_;
  double peak_per_s_ = 0;
};

}  // namespace dyno::loadgen
