// The line of a series: where it breaks, and fewer points of it where there are more than can be drawn. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "model/history.h"

namespace dyno::results {

// A point with what it was measured on.
struct PlacedPoint {
  model::Point point;
  const std::string* environment_key = nullptr;
  const model::Treatment* treatment = nullptr;
};

// Of points in the order of their time; tells each point its segment.
std::vector<model::Segment> segments_of(std::vector<PlacedPoint>& points);

// At most `most` points, unless the ends of the segments alone are more: both ends of each segment, and of each stretch of time between them the
// least and the greatest value, so that no peak and no dip is lost. What rests on no valid trial is an extreme of nothing, and is kept only where
// a stretch has nothing else.
std::vector<model::Point> thinned(const std::vector<PlacedPoint>& points, std::size_t most);

}  // namespace dyno::results
