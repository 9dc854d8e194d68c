#include "sequential/made_comparisons.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "results/standing.h"
#include "stats/comparison.h"
#include "stats/descriptive.h"
#include "stats/sequential.h"

namespace dyno::tests {
namespace {

double normal(Random& random) {
  return std::sqrt(2 * random.exponential()) * std::cos(2 * std::numbers::pi * random.unit());
}

// What a block has in common, as a factor.
double draw_block(Noise noise, double cv, Random& random) {
  return noise == Noise::shared ? std::exp(10 * cv * normal(random)) : 1;
}

// One trial, as a factor of its version's throughput.
double draw(Noise noise, double cv, int block, Random& random) {
  const double z = normal(random);
  switch (noise) {
    case Noise::shared:
    case Noise::normal: return std::max(0.05, 1 + cv * z);
    case Noise::lognormal: return std::exp(cv * z);
    case Noise::heavy: {
      const double chi = 2 * random.exponential() + std::pow(normal(random), 2);
      constexpr double kQuartiles = 0.6745 / 0.7649;
      return std::exp(cv * kQuartiles * z / std::sqrt(chi / 3));
    }
    case Noise::drifting: return std::exp(cv * (z - block / 4.0));
    case Noise::skewed: return std::exp(cv * (random.unit() < 0.1 ? z - 4 : z));
    case Noise::lucky: return std::exp(cv * z) / (random.unit() < 0.2 ? 1.05 + 0.25 * random.unit() : 1);
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
    case Noise::lucky: return "1 of 5 slow by 5 to 30 %";
    case Noise::shared: return "blocks share ten spreads";
  }
  return {};
}

Shown show_pairs(Noise noise, double cv, int pairs, int comparisons, std::uint64_t seed) {
  Random random(seed);
  Shown all{.comparisons = comparisons};
  std::vector<double> by_difference;
  std::vector<double> halves;
  for (int i = 0; i < comparisons; ++i) {
    std::vector<stats::BlockValue> a;
    std::vector<stats::BlockValue> b;
    std::vector<double> differences;
    for (int block = 1; block <= pairs; ++block) {
      const double common = draw_block(noise, cv, random);
      a.push_back({block, common * draw(noise, cv, block, random)});
      b.push_back({block, common * draw(noise, cv, block, random)});
      differences.push_back(std::log(b.back().value / a.back().value));
    }
    const stats::Interval plain = *stats::one_sample_location(differences).ci95;
    by_difference.push_back((plain.high - plain.low) / 2);
    const stats::Factor factor = *stats::factor_of({a}, {b}, stats::Design::paired);
    halves.push_back(std::log(factor.ci95->high / factor.ci95->low) / 2);
    all.alarms += factor.ci95->low > 1 || factor.ci95->high < 1 ? 1 : 0;
    all.found += factor.ci95->low * (1 + *factor.resolution) > 1 ? 1 : 0;
  }
  all.half_by_difference = stats::median(by_difference);
  all.half = stats::median(halves);
  return all;
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
      const double common = 1000 * draw_block(made.noise, made.cv, random);
      add(a, block, common * draw(made.noise, made.cv, block, random));
      add(b, block, common * (1 - made.change) * draw(made.noise, made.cv, block, random));
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
