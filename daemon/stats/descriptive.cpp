#include "stats/descriptive.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/check.h"

namespace dyno::stats {

double median(std::span<const double> values) {
  CHECK(!values.empty(), "a median needs a value");
  std::vector<double> in_order(values.begin(), values.end());
  std::sort(in_order.begin(), in_order.end());
  const std::size_t half = in_order.size() / 2;
  if (in_order.size() % 2 == 1) return in_order[half];
  return std::midpoint(in_order[half - 1], in_order[half]);
}

}  // namespace dyno::stats
