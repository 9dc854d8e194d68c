#include "runners/load/steady.h"

#include <cmath>
#include <cstdlib>
#include <numeric>

namespace dyno::loadgen {
namespace {

constexpr std::size_t kWindows = kSteadyWindows;
// Kendall's S of ten values: |S| >= 23 has a two-sided probability below 0.05 (exact null distribution).
constexpr int kTrend = 23;
constexpr double kHalvesDiffer = 0.03;

}  // namespace

bool is_steady(const std::vector<double>& windows) {
  if (windows.size() < kWindows) return false;
  const std::vector<double> last(windows.end() - kWindows, windows.end());
  int concordance = 0;
  for (std::size_t i = 0; i < kWindows; ++i) {
    for (std::size_t j = i + 1; j < kWindows; ++j)
      concordance += (last[j] > last[i] ? 1 : 0) - (last[j] < last[i] ? 1 : 0);
  }
  const double first = std::accumulate(last.begin(), last.begin() + kWindows / 2, 0.0);
  const double second = std::accumulate(last.begin() + kWindows / 2, last.end(), 0.0);
  if (first <= 0 || second <= 0) return false;
  return std::abs(concordance) < kTrend && std::abs(second - first) / first < kHalvesDiffer;
}

}  // namespace dyno::loadgen
