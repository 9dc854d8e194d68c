#include "stats/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "stats/descriptive.h"
#include "stats/pairs.h"
#include "stats/strata.h"

namespace dyno::stats {
namespace {

// 1.96 + 0.84 standard errors exclude no difference with 80 % power; by ranks and with a robust spread it takes 3.5 of them, and for skewed pairs,
// which few pairs do not show, 4 (daemon/docs/statistics.md).
constexpr double kErrors = 3.5;
constexpr double kErrorsOfFewPairs = 4;
constexpr int kFewPairs = 15;
constexpr double kPower80 = 0.84;  // standard errors that 80 % of a normal variable do not fall short by
constexpr double kNormalPerMad =
    1.4826;  // the standard deviation of a normal sample, from its median absolute deviation

// That exclude no difference with 80 % power, were the pairs normal.
double errors_of(double tail) { return normal_beyond(tail) + kPower80; }

// Median absolute deviation from that centre.
double mad(std::span<const double> values, double centre) {
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::abs(value - centre));
  return median(deviations);
}

std::vector<NightValue> logarithms(std::span<const BlockValue> side) {
  std::vector<NightValue> logs;
  logs.reserve(side.size());
  for (const BlockValue& one : side) logs.push_back({one.night, std::log(one.value)});
  return logs;
}

std::vector<double> values_of(std::span<const double> logs) {
  std::vector<double> values;
  values.reserve(logs.size());
  for (const double one : logs) values.push_back(std::exp(one));
  return values;
}

Factor factor_from(const Location& location) {
  Factor factor;
  factor.value = std::exp(location.value);
  factor.n = location.n;
  if (location.ci95) factor.ci95 = Interval{std::exp(location.ci95->low), std::exp(location.ci95->high)};
  return factor;
}

// Squared, of the centre of the sample.
double relative_error(std::span<const double> values) {
  const double centre = median(values);
  const double cv = kNormalPerMad * mad(values, centre) / centre;
  return cv * cv / static_cast<double>(values.size());
}

// As much as an interval of that width tells from none with 80 % power: a few slow trials widen it, and leave the spread as it was.
void resolve(Factor& factor, double by_spread, double tail) {
  if (factor.n < 2) return;
  factor.resolution = by_spread;
  if (!factor.ci95) return;
  const double half = std::log(factor.ci95->high / factor.ci95->low) / 2;
  factor.resolution = std::max(by_spread, half * (1 + kPower80 / normal_beyond(tail)));
}

bool do_nights_differ(const Side& side, const std::vector<NightValue>& logs) {
  return side.nights_differ ? *side.nights_differ : nights_differ(ranked(logs));
}

Factor unpaired(const Side& a, const Side& b) {
  const std::vector<NightValue> logs_a = logarithms(a.values);
  const std::vector<NightValue> logs_b = logarithms(b.values);
  const bool differ = do_nights_differ(a, logs_a) || do_nights_differ(b, logs_b);
  std::vector<double> from = units_of(logs_a, differ);
  std::vector<double> to = units_of(logs_b, differ);
  // Their medians and their effect need that order, and find it.
  for (std::vector<double>* const side : {&from, &to}) std::sort(side->begin(), side->end());
  Factor factor = factor_from(unpaired_effect(from, to));
  factor.nights_differ = differ;
  resolve(factor, kErrors * std::sqrt(relative_error(values_of(from)) + relative_error(values_of(to))), kTail95);
  return factor;
}

using Blocks = std::map<std::pair<std::int64_t, int>, std::vector<double>>;

Blocks by_block(std::span<const BlockValue> side) {
  Blocks blocks;
  for (const BlockValue& one : side) blocks[{one.night, one.block}].push_back(std::log(one.value));
  return blocks;
}

std::optional<Factor> paired(std::span<const BlockValue> a, std::span<const BlockValue> b, double tail) {
  const Blocks from = by_block(a);
  std::vector<Pair> pairs;
  std::vector<NightValue> differences;
  for (const auto& [block, logs] : by_block(b)) {
    const auto other = from.find(block);
    if (other == from.end()) continue;
    pairs.push_back({block.first, median(other->second), median(logs)});
    differences.push_back({block.first, pairs.back().b - pairs.back().a});
  }
  if (pairs.empty()) return std::nullopt;
  const bool differ = nights_differ(ranked(differences));
  const std::vector<double> units = units_of(differences, differ);
  const bool by_difference = differ || blocks_share(pairs);
  Factor factor = factor_from(by_difference ? one_sample_location(units, tail) : pooled_pair_effect(pairs, tail));
  factor.nights_differ = differ;
  const double errors = (factor.n <= kFewPairs ? kErrorsOfFewPairs : kErrors) * errors_of(tail) / errors_of(kTail95);
  resolve(factor, errors * kNormalPerMad * mad(units, median(units)) / std::sqrt(factor.n), tail);
  return factor;
}

}  // namespace

std::optional<Factor> factor_of(const Side& a, const Side& b, Design design, double tail) {
  const auto has_logarithms = [](std::span<const BlockValue> side) {
    return !side.empty() && std::all_of(side.begin(), side.end(), [](const BlockValue& one) { return one.value > 0; });
  };
  if (!has_logarithms(a.values) || !has_logarithms(b.values)) return std::nullopt;
  return design == Design::paired ? paired(a.values, b.values, tail) : unpaired(a, b);
}

}  // namespace dyno::stats
