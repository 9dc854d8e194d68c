#include "runners/load/rate_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace dyno::loadgen {

RateCurve::RateCurve(const std::vector<RatePoint>& points) {
  CHECK(!points.empty(), "a rate curve has a point");
  double count = points.front().per_s / 1e9 * static_cast<double>(points.front().at_ns);
  if (points.front().at_ns > 0) segments_.push_back({0, 0, points.front().per_s / 1e9, 0});
  for (std::size_t i = 0; i < points.size(); ++i) {
    peak_per_s_ = std::max(peak_per_s_, points[i].per_s);
    const double begin = static_cast<double>(points[i].at_ns);
    const double per_ns = points[i].per_s / 1e9;
    if (i + 1 == points.size()) {
      segments_.push_back({begin, count, per_ns, 0});
      break;
    }
    const double length = static_cast<double>(points[i + 1].at_ns) - begin;
    if (length <= 0) continue;  // a step: the later point begins the next segment
    const double next_per_ns = points[i + 1].per_s / 1e9;
    segments_.push_back({begin, count, per_ns, (next_per_ns - per_ns) / length});
    count += (per_ns + next_per_ns) / 2 * length;
  }
}

double RateCurve::time_of(double count, std::size_t& hint) const {
  while (hint + 1 < segments_.size() && segments_[hint + 1].begin_count <= count) ++hint;
  const Segment& segment = segments_[hint];
  const double ahead = count - segment.begin_count;
  if (segment.slope == 0) {
    if (segment.per_ns > 0) return segment.begin_ns + ahead / segment.per_ns;
    return std::numeric_limits<double>::infinity();
  }
  // The area under the line: ahead = r·t + s/2·t². In this form the root loses no digits where the slope is small.
  const double root = std::sqrt(std::max(segment.per_ns * segment.per_ns + 2 * segment.slope * ahead, 0.0));
  const double sum = segment.per_ns + root;
  return sum > 0 ? segment.begin_ns + 2 * ahead / sum : segment.begin_ns;
}

}  // namespace dyno::loadgen
