#include "stats/descriptive.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.h"

namespace dyno::stats {
namespace {

constexpr double kNormalPerMad = 1.4826;  // standard deviation of a normal distribution ÷ its MAD

std::vector<double> sorted(std::span<const double> values) {
  CHECK(!values.empty(), "a statistic needs a value");
  std::vector<double> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

}  // namespace

double quantile(std::span<const double> values, double p) {
  CHECK(p >= 0 && p <= 1, "a quantile lies between 0 and 1");
  const std::vector<double> in_order = sorted(values);
  const double position = p * static_cast<double>(in_order.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 == in_order.size()) return in_order.back();
  return in_order[below] + (position - static_cast<double>(below)) * (in_order[below + 1] - in_order[below]);
}

double median(std::span<const double> values) {
  const std::vector<double> in_order = sorted(values);
  const std::size_t half = in_order.size() / 2;
  if (in_order.size() % 2 == 1) return in_order[half];
  return std::midpoint(in_order[half - 1], in_order[half]);
}

double mean(std::span<const double> values) {
  CHECK(!values.empty(), "a statistic needs a value");
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double mad(std::span<const double> values) {
  const double middle = median(values);
  std::vector<double> deviations;
  for (const double value : values) deviations.push_back(std::abs(value - middle));
  return median(deviations);
}

double robust_cv(std::span<const double> values) {
  const double middle = median(values);
  CHECK(middle != 0, "a coefficient of variation needs a median other than 0");
  return kNormalPerMad * mad(values) / std::abs(middle);
}

}  // namespace dyno::stats
