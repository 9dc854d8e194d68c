// Prints the tables of daemon/docs/statistics.md: how often two versions that do not differ are told apart, and how soon a difference is found.
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

void print_power(int comparisons, std::uint64_t seed) {
  fmt::print("\nLess throughput, normal noise, 40 blocks at most: found, decided wrongly, mean number of blocks\n");
  fmt::print("| less by | CV 2 % | CV 5 % | CV 10 % |\n|---|---|---|---|\n");
  for (const double change : {0.0, 0.05, 0.10}) {
    fmt::print("| {:.0f} % |", 100 * change);
    for (const double cv : {0.02, 0.05, 0.10}) {
      const Decided all = dyno::tests::decide_made({Noise::normal, cv, change, 40, 0.03}, comparisons, seed);
      const int right = change > 0 ? all.worse : all.same;
      const int wrong = all.better + (change > 0 ? all.same : all.worse);
      fmt::print(" {:.1f} %, {:.1f} %, {:.1f} |", percent(right, all), percent(wrong, all), all.blocks);
    }
    fmt::print("\n");
  }
}

}  // namespace

int main(int count, char** arguments) {
  const int comparisons = count > 1 ? std::atoi(arguments[1]) : 10'000;
  const std::uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 18;
  print_false_alarms(comparisons, seed);
  print_power(comparisons, seed);
  return 0;
}
