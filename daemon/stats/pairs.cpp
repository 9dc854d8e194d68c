#include "stats/pairs.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "stats/descriptive.h"

namespace dyno::stats {
namespace {

constexpr std::size_t kExactPairs = 16;  // whose 2^16 outcomes are counted in 32 bits
constexpr double kShared = 1.0 / 3;

// `see(first, last)` for each night.
template <class See>
void each_night(std::span<const Pair> pairs, const See& see) {
  for (std::size_t first = 0, last = 0; first < pairs.size(); first = last) {
    while (last < pairs.size() && pairs[last].night == pairs[first].night) ++last;
    see(first, last);
  }
}

// All b − a of one night.
std::vector<double> differences_of(std::span<const Pair> pairs) {
  std::vector<double> all;
  all.reserve(pairs.size() * pairs.size());
  each_night(pairs, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t j = first; j < last; ++j) all.push_back(pairs[j].b - pairs[i].a);
    }
  });
  return all;
}

struct OfPair {
  double value = 0;
  std::size_t pair = 0;
};

// Both sides, each in order within its night, so that they are ranked together without another sort.
class Sides {
 public:
  explicit Sides(std::span<const Pair> pairs) : pairs_(pairs), above_(pairs.size()) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      a_.push_back({pairs[i].a, i});
      b_.push_back({pairs[i].b, i});
    }
    const auto by_value = [](const OfPair& one, const OfPair& other) { return one.value < other.value; };
    each_night(pairs, [&](std::size_t first, std::size_t last) {
      for (std::vector<OfPair>* const side : {&a_, &b_})
        std::sort(side->begin() + static_cast<std::ptrdiff_t>(first), side->begin() + static_cast<std::ptrdiff_t>(last),
                  by_value);
    });
  }

  // By how many half ranks b is above a in each pair, when both sides of a night are ranked together and `shift` is taken off b. Equal values have
  // the mean of their ranks.
  const std::vector<int>& rank_differences(double shift) {
    std::fill(above_.begin(), above_.end(), 0);
    each_night(pairs_, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first, j = first; i < last || j < last;) {
        const double least =
            j == last || (i < last && a_[i].value <= b_[j].value - shift) ? a_[i].value : b_[j].value - shift;
        const std::size_t before = i + j;
        const std::size_t first_a = i;
        const std::size_t first_b = j;
        while (i < last && a_[i].value <= least) ++i;
        while (j < last && b_[j].value - shift <= least) ++j;
        const auto rank = static_cast<int>(before + i + j - 4 * first);
        for (std::size_t k = first_a; k < i; ++k) above_[a_[k].pair] -= rank;
        for (std::size_t k = first_b; k < j; ++k) above_[b_[k].pair] += rank;
      }
    });
    return above_;
  }

 private:
  std::span<const Pair> pairs_;
  std::vector<OfPair> a_;
  std::vector<OfPair> b_;
  std::vector<int> above_;
};

// The probability that swaps leave the sum of ranks of b at least as far above that of a.
double exact_tail(const std::vector<int>& above, int sum) {
  int most = 0;
  int unit = 0;
  for (const int one : above) {
    most += std::abs(one);
    unit = std::gcd(unit, one);
  }
  if (unit == 0) return 1;
  // In how many ways the pairs that are swapped against the greatest sum take k units from its half; as much as is gone, at most.
  const auto gone = static_cast<std::size_t>((most - sum) / 2 / unit);
  std::vector<std::uint32_t> ways(gone + 1, 0);
  ways[0] = 1;
  for (const int one : above) {
    const auto step = static_cast<std::size_t>(std::abs(one) / unit);
    for (std::size_t k = gone + 1; k-- > step;) ways[k] += ways[k - step];
  }
  const auto all = std::accumulate(ways.begin(), ways.end(), std::uint32_t{0});
  return std::ldexp(all, -static_cast<int>(above.size()));
}

double approximate_tail(const std::vector<int>& above, int sum) {
  double squares = 0;
  for (const int one : above) squares += static_cast<double>(one) * one;
  if (squares == 0) return 1;
  constexpr double kContinuity = 2;  // half of the step between two sums, in half ranks
  return std::erfc((sum - kContinuity) / std::sqrt(2 * squares)) / 2;
}

// Whether b less this shift is still above a by more than chance.
bool is_above(Sides& sides, double shift, double tail) {
  const std::vector<int>& above = sides.rank_differences(shift);
  const int sum = std::accumulate(above.begin(), above.end(), 0);
  return (above.size() <= kExactPairs ? exact_tail(above, sum) : approximate_tail(above, sum)) <= tail;
}

// The least shift that is not rejected; nothing where none is. Of the differences, whose middle stands at its place, only those are put in order
// between which it has to look.
std::optional<double> low_end(std::span<const Pair> pairs, std::span<double> differences, double tail) {
  Sides sides(pairs);
  const auto place = [&](std::size_t at) { return differences.begin() + static_cast<std::ptrdiff_t>(at); };
  // A shift between the differences `rejected − 1` and `rejected` is, one between those at `held` is not.
  std::size_t rejected = 0;
  std::size_t held = differences.size() / 2;
  std::iter_swap(place(0), std::min_element(place(0), place(held + 1)));
  if (!is_above(sides, differences.front() - 1, tail)) return std::nullopt;
  while (held - rejected > 1) {
    const std::size_t middle = (rejected + held) / 2;
    std::nth_element(place(rejected), place(middle), place(held));
    const double before = *std::max_element(place(rejected), place(middle));
    const bool is = is_above(sides, std::midpoint(before, differences[middle]), tail);
    (is ? rejected : held) = middle;
  }
  return differences[rejected];
}

// Both ends by the same way: what is below b − a is above a − b.
std::vector<Pair> mirrored(std::span<const Pair> pairs, std::vector<double>& differences) {
  for (double& one : differences) one = -one;
  std::vector<Pair> swapped;
  swapped.reserve(pairs.size());
  for (const Pair& one : pairs) swapped.push_back({one.night, one.b, one.a});
  return swapped;
}

}  // namespace

bool blocks_share(std::span<const Pair> pairs) {
  CHECK(!pairs.empty(), "blocks have pairs");
  std::vector<double> within;
  within.reserve(pairs.size());
  for (const Pair& one : pairs) within.push_back(one.b - one.a);
  const double effect = median(within);
  for (double& one : within) one = std::abs(one - effect);
  const double near = median(within) / kShared;
  std::size_t across = 0;
  std::size_t beyond = 0;
  each_night(pairs, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t j = first; j < last; ++j) {
        if (j == i) continue;
        ++across;
        beyond += std::abs(pairs[j].b - effect - pairs[i].a) > near ? 1 : 0;
      }
    }
  });
  return 2 * beyond >= across;
}

Location pooled_pair_effect(std::span<const Pair> pairs, double tail) {
  CHECK(!pairs.empty() && tail > 0, "an effect needs a pair, and a probability");
  std::vector<double> differences = differences_of(pairs);
  const auto half = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() / 2);
  std::nth_element(differences.begin(), half, differences.end());
  Location location;
  location.n = static_cast<int>(pairs.size());
  location.value =
      differences.size() % 2 == 1 ? *half : std::midpoint(*std::max_element(differences.begin(), half), *half);
  const auto low = low_end(pairs, differences, tail);
  if (!low) return location;
  const std::vector<Pair> swapped = mirrored(pairs, differences);
  std::nth_element(differences.begin(), half, differences.end());
  location.ci95 = Interval{*low, -*low_end(swapped, differences, tail)};
  return location;
}

}  // namespace dyno::stats
