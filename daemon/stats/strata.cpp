#include "stats/strata.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "stats/location.h"

namespace dyno::stats {
namespace {

constexpr double kDiffers = 0.05;
constexpr std::size_t kUsualNights = 8;

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

struct Group {
  std::int64_t night = 0;
  double rank_sum = 0;
  double count = 0;
};

// Nights are few, and a board asks thousands of times: they are found by looking at each.
Group& group_of(std::vector<Group>& groups, std::int64_t night) {
  const auto known = std::find_if(groups.begin(), groups.end(), [=](const Group& one) { return one.night == night; });
  return known != groups.end() ? *known : groups.emplace_back(Group{night, 0, 0});
}

bool is_one_night(std::span<const NightValue> values) {
  return std::all_of(values.begin(), values.end(), [&](const auto& one) { return one.night == values[0].night; });
}

}  // namespace

std::vector<NightValue> ranked(std::vector<NightValue> values) {
  std::sort(values.begin(), values.end(), [](const auto& x, const auto& y) { return x.value < y.value; });
  return values;
}

double kruskal_wallis_p(std::span<const NightValue> all) {
  if (is_one_night(all)) return 1;
  const auto n = static_cast<double>(all.size());
  std::vector<Group> groups;
  groups.reserve(kUsualNights);
  double ties = 0;
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from;
    while (to < all.size() && all[to].value == all[from].value) ++to;
    const double rank = (static_cast<double>(from + to) + 1) / 2;  // ranks count from 1
    for (std::size_t i = from; i < to; ++i) {
      Group& group = group_of(groups, all[i].night);
      group.rank_sum += rank;
      ++group.count;
    }
    const auto alike = static_cast<double>(to - from);
    ties += alike * alike * alike - alike;
    from = to;
  }
  const double spread = 1 - ties / (n * n * n - n);
  if (spread <= 0) return 1;
  double sum = 0;
  for (const Group& group : groups) sum += group.rank_sum * group.rank_sum / group.count;
  const double h = (12 / (n * (n + 1)) * sum - 3 * (n + 1)) / spread;
  return chi_squared_above(std::max(0.0, h), static_cast<int>(groups.size()) - 1);
}

bool nights_differ(std::span<const NightValue> ranked) { return kruskal_wallis_p(ranked) < kDiffers; }

std::vector<double> units_of(std::span<const NightValue> values, bool differ) {
  std::vector<double> all;
  if (!differ) {
    all.reserve(values.size());
    for (const NightValue& one : values) all.push_back(one.value);
    return all;
  }
  std::map<std::int64_t, std::vector<double>> nights;
  for (const NightValue& one : values) nights[one.night].push_back(one.value);
  for (const auto& [night, of_night] : nights) all.push_back(one_sample_location(of_night).value);
  return all;
}

}  // namespace dyno::stats
