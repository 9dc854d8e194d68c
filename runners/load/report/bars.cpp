#include "runners/load/report/bars.h"

#include <cmath>

namespace dyno::loadgen {
namespace {

constexpr int kRows = 10;
constexpr std::uint64_t kLeast = 20;
constexpr std::int64_t kLeastShare = 50;  // rows closer together than a few of the histogram's buckets would be noise

// The first of these that is known; rows beyond the 99th percentile would be empty but for one or two.
std::int64_t end_of_rows(const Times& times) {
  for (const double percent : {99.0, 90.0, 100.0, 50.0}) {
    if (times.known(percent) == Known::yes) return times.values.percentile_ns(percent);
  }
  return 0;
}

// The upper edge of a row. Where the times spread over more than a magnitude, rows of one ratio show more than rows of one width.
std::int64_t edge_of(int row, std::int64_t begin, std::int64_t end) {
  const double part = static_cast<double>(row) / kRows;
  const auto from = static_cast<double>(begin);
  const auto to = static_cast<double>(end);
  if (row == kRows) return end;
  return std::llround(to > 10 * from && from > 0 ? from * std::pow(to / from, part) : from + (to - from) * part);
}

}  // namespace

std::vector<Bar> bars_of(const Times& times) {
  const std::uint64_t count = times.values.count();
  const std::int64_t begin = times.values.min_ns();
  const std::int64_t end = end_of_rows(times);
  if (count < kLeast || end - begin < begin / kLeastShare) return {};
  std::vector<Bar> bars;
  bars.reserve(kRows + 1);
  std::uint64_t above = count;
  for (int row = 1; row <= kRows; ++row) {
    const std::int64_t edge = edge_of(row, begin, end);
    const std::uint64_t beyond = times.values.count_above(edge);
    bars.push_back({edge, above - beyond});
    above = beyond;
  }
  if (above > 0) bars.push_back({0, above});
  return bars;
}

}  // namespace dyno::loadgen
