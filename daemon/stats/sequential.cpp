#include "stats/sequential.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "stats/location.h"

namespace dyno::stats {
namespace {

// What may have been spent by the share `t` of the pairs, both directions together.
double spent_by(double t) { return kSequentialAlpha * std::log1p((std::numbers::e - 1) * t); }

double upper_tail(double z) { return std::erfc(z / std::numbers::sqrt2) / 2; }

double normal_density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); }

// Where the sum of the pairs so far may stand when no look has ended the comparison: a density over a grid, times its weights.
struct Spread {
  std::vector<double> at{0};
  std::vector<double> mass{1};
};

// How much of it lies beyond ±c after a step of this deviation.
double beyond(const Spread& spread, double c, double deviation) {
  double sum = 0;
  for (std::size_t i = 0; i < spread.at.size(); ++i)
    sum += spread.mass[i] * (upper_tail((c - spread.at[i]) / deviation) + upper_tail((c + spread.at[i]) / deviation));
  return sum;
}

double boundary(const Spread& spread, double deviation, double to_spend) {
  constexpr int kHalvings = 60;
  double low = 0;
  double high = 20;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    if (beyond(spread, middle, deviation) > to_spend) low = middle;
    else high = middle;
  }
  return high;
}

// What is left inside ±c after the step, by Simpson's rule.
Spread inside(const Spread& spread, double c, double deviation) {
  constexpr int kPoints = 161;  // odd; level and boundary are then right to four digits
  Spread next{{}, {}};
  const double width = 2 * c / (kPoints - 1);
  for (int k = 0; k < kPoints; ++k) {
    const double at = -c + width * k;
    double density = 0;
    for (std::size_t i = 0; i < spread.at.size(); ++i)
      density += spread.mass[i] * normal_density((at - spread.at[i]) / deviation) / deviation;
    const double weight = k == 0 || k == kPoints - 1 ? 1 : k % 2 == 1 ? 4 : 2;
    next.at.push_back(at);
    next.mass.push_back(density * weight * width / 3);
  }
  return next;
}

}  // namespace

std::vector<int> looks_of(int most) {
  std::vector<int> looks;
  for (int pairs = kFirstLook; pairs < most; pairs += std::max(2, pairs / 5)) {
    if (spent_by(static_cast<double>(pairs) / most) / 2 >= std::exp2(-pairs)) looks.push_back(pairs);
  }
  if (most >= kFirstLook) looks.push_back(most);
  return looks;
}

bool is_look(int pairs, int most) {
  const std::vector<int> looks = looks_of(most);
  return std::binary_search(looks.begin(), looks.end(), pairs);
}

double tail_at(int pairs, int most) {
  CHECK(pairs > 0 && pairs <= most, "a look is after a pair");
  std::vector<int> looks = looks_of(most);
  looks.erase(std::lower_bound(looks.begin(), looks.end(), pairs), looks.end());
  looks.push_back(pairs);
  Spread spread;
  double before = 0;  // share of the pairs at the look before
  double tail = 0;
  for (const int look : looks) {
    const double t = static_cast<double>(look) / most;
    const double deviation = std::sqrt(t - before);
    const double c = boundary(spread, deviation, spent_by(t) - spent_by(before));
    tail = upper_tail(c / std::sqrt(t));
    spread = inside(spread, c, deviation);
    before = t;
  }
  return tail;
}

}  // namespace dyno::stats
