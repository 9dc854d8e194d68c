#include "stats/strata.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "stats/location.h"

namespace dyno::stats {
namespace {

constexpr double kDiffers = 0.05;

// P(X > x) for chi-squared with whole degrees of freedom, by the sums that it is then made of.
double chi_squared_above(double x, int degrees) {
  const double half = x / 2;
  double term = degrees % 2 == 0 ? std::exp(-half) : 2 * std::sqrt(half / std::numbers::pi) * std::exp(-half);
  double sum = degrees % 2 == 0 ? 0 : std::erfc(std::sqrt(half));
  const double first = degrees % 2 == 0 ? 1 : 1.5;
  for (int i = 0; i < degrees / 2; ++i) {
    sum += term;
    term *= half / (first + i);
  }
  return std::min(1.0, sum);
}

}  // namespace

double kruskal_wallis_p(std::span<const std::vector<double>> groups) {
  std::vector<std::pair<double, std::size_t>> all;
  int filled = 0;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (!groups[group].empty()) ++filled;
    for (const double value : groups[group]) all.emplace_back(value, group);
  }
  if (filled < 2) return 1;
  std::sort(all.begin(), all.end());
  const auto n = static_cast<double>(all.size());
  std::vector<double> rank_sums(groups.size(), 0);
  double ties = 0;
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from;
    while (to < all.size() && all[to].first == all[from].first) ++to;
    const double rank = (static_cast<double>(from + to) + 1) / 2;  // ranks count from 1
    for (std::size_t i = from; i < to; ++i) rank_sums[all[i].second] += rank;
    const auto alike = static_cast<double>(to - from);
    ties += alike * alike * alike - alike;
    from = to;
  }
  const double spread = 1 - ties / (n * n * n - n);
  if (spread <= 0) return 1;
  double sum = 0;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (!groups[group].empty()) sum += rank_sums[group] * rank_sums[group] / static_cast<double>(groups[group].size());
  }
  const double h = (12 / (n * (n + 1)) * sum - 3 * (n + 1)) / spread;
  return chi_squared_above(std::max(0.0, h), filled - 1);
}

bool nights_differ(const Strata& nights) {
  if (nights.size() < 2) return false;
  std::vector<std::vector<double>> groups;
  groups.reserve(nights.size());
  for (const auto& [night, values] : nights) groups.push_back(values);
  return kruskal_wallis_p(groups) < kDiffers;
}

std::vector<double> centres(const Strata& nights) {
  std::vector<double> all;
  all.reserve(nights.size());
  for (const auto& [night, values] : nights) all.push_back(one_sample_location(values).value);
  return all;
}

}  // namespace dyno::stats
