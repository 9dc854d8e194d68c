#include "stats/descriptive.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/check.h"

namespace dyno::stats {

double median(std::span<const double> values) {
  CHECK(!values.empty(), "a median needs a value");
  const std::size_t middle = values.size() / 2;
  if (std::is_sorted(values.begin(), values.end()))
    return values.size() % 2 == 1 ? values[middle] : std::midpoint(values[middle - 1], values[middle]);
  std::vector<double> all(values.begin(), values.end());
  const auto half = all.begin() + static_cast<std::ptrdiff_t>(middle);
  std::nth_element(all.begin(), half, all.end());
  if (all.size() % 2 == 1) return *half;
  return std::midpoint(*std::max_element(all.begin(), half), *half);
}

Line straight_line(std::span<const double> x, std::span<const double> y) {
  CHECK(x.size() == y.size(), "a point has an x and a y");
  if (x.empty()) return {};
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  if (xx <= 0 || yy <= 0) return {};
  return {xy / xx, xy * xy / (xx * yy)};
}

}  // namespace dyno::stats
