#include "sequential/made_comparisons.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "results/standing.h"
#include "stats/sequential.h"

namespace dyno::tests {
namespace {

double normal(Random& random) {
  return std::sqrt(2 * random.exponential()) * std::cos(2 * std::numbers::pi * random.unit());
}

// One trial, as a factor of its version's throughput.
double draw(const Made& made, int block, Random& random) {
  const double z = normal(random);
  switch (made.noise) {
    case Noise::normal: return std::max(0.05, 1 + made.cv * z);
    case Noise::lognormal: return std::exp(made.cv * z);
    case Noise::heavy: {
      const double chi = 2 * random.exponential() + std::pow(normal(random), 2);
      constexpr double kQuartiles = 0.6745 / 0.7649;
      return std::exp(made.cv * kQuartiles * z / std::sqrt(chi / 3));
    }
    case Noise::drifting: return std::exp(made.cv * (z - block / 4.0));
    case Noise::skewed: return std::exp(made.cv * (random.unit() < 0.1 ? z - 4 : z));
  }
  return 1;
}

void add(model::CellSummary& side, int block, double value) {
  side.summary.readings.push_back({.block = block, .value = value});
  side.summary.n = block;
  side.summary.value = value;
}

// Without the band: an interval that leaves 1 out.
results::Decision decision_of(const results::Compared& one, double band) {
  if (band > 0 || !one.factor || !one.factor->ci95) return *one.decision;
  if (one.factor->ci95->low > 1) return results::Decision::better;
  return one.factor->ci95->high < 1 ? results::Decision::worse : results::Decision::inconclusive;
}

}  // namespace

std::string_view to_string(Noise noise) {
  switch (noise) {
    case Noise::normal: return "normal";
    case Noise::lognormal: return "lognormal";
    case Noise::heavy: return "heavy tails (t, 3)";
    case Noise::drifting: return "drift over blocks";
    case Noise::skewed: return "1 of 10 slow";
  }
  return {};
}

Decided decide_made(const Made& made, int comparisons, std::uint64_t seed) {
  Random random(seed);
  std::vector<results::Matching> levels;
  for (int block = 0; block <= made.most; ++block)
    levels.push_back(stats::is_look(block, made.most) ? results::matching_at(block, made.most) : results::Matching());
  Decided all{.comparisons = comparisons};
  for (int i = 0; i < comparisons; ++i) {
    model::CellSummary a;
    model::CellSummary b;
    auto decision = results::Decision::inconclusive;
    int block = 0;
    while (block < made.most && decision == results::Decision::inconclusive) {
      ++block;
      add(a, block, 1000 * draw(made, block, random));
      add(b, block, 1000 * (1 - made.change) * draw(made, block, random));
      if (!stats::is_look(block, made.most)) continue;
      decision = decision_of(results::compare(a, b, levels[static_cast<std::size_t>(block)]), made.band);
    }
    all.worse += decision == results::Decision::worse ? 1 : 0;
    all.better += decision == results::Decision::better ? 1 : 0;
    all.same += decision == results::Decision::same ? 1 : 0;
    all.blocks += static_cast<double>(block) / comparisons;
  }
  return all;
}

}  // namespace dyno::tests
