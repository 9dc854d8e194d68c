#include "results/line.h"

#include <algorithm>

namespace dyno::results {
namespace {

using model::Break;
using model::Point;
using model::Segment;

std::vector<Break> breaks_between(const PlacedPoint& before, const PlacedPoint& after) {
  std::vector<Break> breaks;
  if (before.environment_key == after.environment_key && before.treatment == after.treatment) return breaks;
  if (*before.environment_key != *after.environment_key) breaks.push_back(Break::environment);
  if (before.treatment->stack_class != after.treatment->stack_class) breaks.push_back(Break::stack_class);
  if (before.treatment->profile_hash != after.treatment->profile_hash) breaks.push_back(Break::profile);
  return breaks;
}

// Adds the extremes of [from, to) in the order of their time.
void add_extremes(const std::vector<PlacedPoint>& points, std::size_t from, std::size_t to, std::vector<Point>& kept) {
  if (from >= to) return;
  std::size_t least = to;
  std::size_t greatest = to;
  for (std::size_t i = from; i < to; ++i) {
    if (points[i].point.n == 0) continue;
    if (least == to || points[i].point.value < points[least].point.value) least = i;
    if (greatest == to || points[i].point.value > points[greatest].point.value) greatest = i;
  }
  if (least == to) least = greatest = from;
  kept.push_back(points[std::min(least, greatest)].point);
  if (least != greatest) kept.push_back(points[std::max(least, greatest)].point);
}

// [from, to) is one segment: its ends, and the extremes of so many stretches between them.
void add_segment(const std::vector<PlacedPoint>& points, std::size_t from, std::size_t to, std::size_t stretches,
                 std::vector<Point>& kept) {
  kept.push_back(points[from].point);
  const std::size_t inner = to - from > 2 ? to - from - 2 : 0;
  for (std::size_t i = 0; i < stretches; ++i)
    add_extremes(points, from + 1 + inner * i / stretches, from + 1 + inner * (i + 1) / stretches, kept);
  if (to - from > 1) kept.push_back(points[to - 1].point);
}

// Where each segment begins, and where the last one ends.
std::vector<std::size_t> borders_of(const std::vector<PlacedPoint>& points) {
  std::vector<std::size_t> borders{0};
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i].point.segment != points[i - 1].point.segment) borders.push_back(i);
  }
  borders.push_back(points.size());
  return borders;
}

}  // namespace

std::vector<Segment> segments_of(std::vector<PlacedPoint>& points) {
  std::vector<Segment> segments;
  const PlacedPoint* before = nullptr;
  for (PlacedPoint& one : points) {
    std::vector<Break> breaks;
    if (before != nullptr) breaks = breaks_between(*before, one);
    if (before == nullptr || !breaks.empty()) {
      segments.push_back({*one.environment_key, one.treatment->stack_class, one.treatment->profile_hash, one.point.at,
                          one.point.at, 0, std::move(breaks)});
    }
    Segment& segment = segments.back();
    segment.last_at = one.point.at;
    ++segment.points;
    one.point.segment = static_cast<int>(segments.size()) - 1;
    before = &one;
  }
  return segments;
}

std::vector<Point> thinned(const std::vector<PlacedPoint>& points, std::size_t most) {
  std::vector<Point> kept;
  kept.reserve(std::min(points.size(), most));
  if (points.size() <= most) {
    for (const PlacedPoint& one : points) kept.push_back(one.point);
    return kept;
  }
  const std::vector<std::size_t> borders = borders_of(points);
  std::size_t ends = 0;
  for (std::size_t i = 1; i < borders.size(); ++i) ends += std::min<std::size_t>(borders[i] - borders[i - 1], 2);
  const std::size_t inner = points.size() - ends;
  const std::size_t room = most > ends ? most - ends : 0;
  for (std::size_t i = 1; i < borders.size(); ++i) {
    const std::size_t size = borders[i] - borders[i - 1];
    const std::size_t share = size > 2 ? room * (size - 2) / inner : 0;
    add_segment(points, borders[i - 1], borders[i], share / 2, kept);
  }
  return kept;
}

}  // namespace dyno::results
