// Prints the tables of daemon/docs/statistics.md: what pairs show, how often two versions that do not differ are told apart, and how soon a
// difference is found.
// Usage: sequential_bench [COMPARISONS [SEED]]
#include <fmt/format.h>

#include <cstdlib>

#include "sequential/made_comparisons.h"

namespace {

using dyno::tests::Decided;
using dyno::tests::Made;
using dyno::tests::Noise;

constexpr Noise kNoises[] = {Noise::normal, Noise::lognormal, Noise::heavy, Noise::drifting, Noise::skewed};

double percent(int count, const Decided& all) { return 100.0 * count / all.comparisons; }

void print_false_alarms(int comparisons, std::uint64_t seed) {
  fmt::print("No difference: told apart, in % of {} comparisons\n", comparisons);
  fmt::print(
      "| noise | 10 blocks | 20 | 40 | 100 | 40, band 3 %, CV 2 % | CV 5 % | CV 10 % "
      "|\n|---|---|---|---|---|---|---|---|\n");
  for (const Noise noise : kNoises) {
    fmt::print("| {} |", to_string(noise));
    const auto print = [&](const Made& made) {
      const Decided all = dyno::tests::decide_made(made, comparisons, seed);
      fmt::print(" {:.2f} |", percent(all.worse + all.better, all));
    };
    for (const int most : {10, 20, 40, 100}) print({noise, 0.1, 0, most, 0});
    for (const double cv : {0.02, 0.05, 0.10}) print({noise, cv, 0, 40, 0.03});
    fmt::print("\n");
  }
}

void print_power(Noise noise, int comparisons, std::uint64_t seed) {
  fmt::print("\nLess throughput, {}, 40 blocks at most: found, decided wrongly, mean number of blocks\n",
             to_string(noise));
  fmt::print("| less by | CV 2 % | CV 5 % | CV 10 % |\n|---|---|---|---|\n");
  for (const double change : {0.0, 0.05, 0.10}) {
    fmt::print("| {:.0f} % |", 100 * change);
    for (const double cv : {0.02, 0.05, 0.10}) {
      const Decided all = dyno::tests::decide_made({noise, cv, change, 40, 0.03}, comparisons, seed);
      const int right = change > 0 ? all.worse : all.same;
      const int wrong = all.better + (change > 0 ? all.same : all.worse);
      fmt::print(" {:.1f} %, {:.1f} %, {:.1f} |", percent(right, all), percent(wrong, all), all.blocks);
    }
    fmt::print("\n");
  }
}

void print_pairs(int comparisons, std::uint64_t seed) {
  fmt::print(
      "\nPairs at 95 %, CV 1 %: half the width of the interval by differences, and as it is done; no difference told "
      "apart; found what was "
      "said to be detectable\n| noise | 12 pairs | 24 | 40 |\n|---|---|---|---|\n");
  for (const Noise noise : {Noise::normal, Noise::heavy, Noise::skewed, Noise::lucky, Noise::shared}) {
    fmt::print("| {} |", to_string(noise));
    for (const int pairs : {12, 24, 40}) {
      const dyno::tests::Shown all = dyno::tests::show_pairs(noise, 0.01, pairs, comparisons, seed);
      fmt::print(" {:.2f} %, {:.2f} %; {:.1f} %; {:.0f} % |", 100 * all.half_by_difference, 100 * all.half,
                 100.0 * all.alarms / all.comparisons, 100.0 * all.found / all.comparisons);
    }
    fmt::print("\n");
  }
}

}  // namespace

int main(int count, char** arguments) {
  const int comparisons = count > 1 ? std::atoi(arguments[1]) : 10'000;
  const std::uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 18;
  print_pairs(comparisons, seed);
  print_false_alarms(comparisons, seed);
  for (const Noise noise : {Noise::normal, Noise::skewed}) print_power(noise, comparisons, seed);
  return 0;
}
