#include "results/standing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "sequential/made_comparisons.h"
#include "stats/sequential.h"

namespace dyno::results {
namespace {

using model::MetricName;
using model::Reading;
using model::Validity;

const CasePair kPair{"before/single", "after/single"};

Reading reading(MetricName metric, double value, Validity validity = Validity::valid) {
  Reading one;
  one.metric = metric;
  one.value = value;
  one.validity = validity;
  return one;
}

// A trial a side and block; the readings of the phase are made by `of` from side and block.
template <class Of>
std::vector<TrialMetrics> trials_of(int blocks, Of of) {
  std::vector<TrialMetrics> trials;
  for (int block = 1; block <= blocks; ++block) {
    for (const auto& name : {kPair.a, kPair.b}) {
      model::PhaseResult phase;
      phase.phase = "orders/c32";
      phase.readings = of(name == kPair.b, block);
      trials.push_back({name, block, model::TrialKind::load, model::TrialState::succeeded, {}, {}, {phase}});
    }
  }
  return trials;
}

double wobble(int block) { return 1 + 0.004 * ((block * 7) % 10 - 4.5); }

std::vector<TrialMetrics> slower_by(double factor, int blocks) {
  return trials_of(blocks, [=](bool after, int block) {
    return std::vector<Reading>{reading(MetricName::throughput_per_s, 100 * wobble(block) / (after ? factor : 1))};
  });
}

TEST(Standing, CountsBlocksThatBothHaveFinished) {
  auto trials = slower_by(1, 3);
  EXPECT_EQ(complete_blocks(trials, kPair), 3);
  trials.back().state = model::TrialState::running;
  EXPECT_EQ(complete_blocks(trials, kPair), 2);
  trials.back().state = model::TrialState::failed;
  EXPECT_EQ(complete_blocks(trials, kPair), 3) << "a failed trial is not made again";
  trials.erase(trials.begin());
  EXPECT_EQ(complete_blocks(trials, kPair), 0);
}

TEST(Standing, DecidesWorseBetterAndSame) {
  for (const double factor : {1.0, 1.1, 0.9}) {
    SCOPED_TRACE(factor);
    const auto look = standing_of(slower_by(factor, 10), kPair, {}, {10, 40}).look;
    EXPECT_EQ(look.blocks, 10);
    EXPECT_EQ(look.decided, 1);
    EXPECT_TRUE(look.undecided.empty());
  }
}

TEST(Standing, SaysWhatIsUndecided) {
  const auto look = standing_of(slower_by(1.1, 9), kPair, {}, {40, 40}).look;
  EXPECT_EQ(look.decided, 0);
  EXPECT_EQ(look.undecided, std::vector<std::string>{"Throughput of orders/c32"});
}

// As a run that goes on after a crash in the middle of a block would see it.
TEST(Standing, CountsNoBlockBeyondTheLook) {
  const auto at_ten = standing_of(slower_by(1.03, 10), kPair, {}, {10, 40}).look;
  const auto later = standing_of(slower_by(1.03, 11), kPair, {}, {10, 40}).look;
  EXPECT_EQ(later.blocks, 10);
  EXPECT_EQ(later.undecided, at_ten.undecided);
}

TEST(Standing, WaitsForNothingThatWillHardlyBeDecided) {
  const auto of = [](bool after, int block) {
    return std::vector<Reading>{
        reading(MetricName::throughput_per_s, 100 * wobble(block)),
        reading(MetricName::app_cpu_ns_per_request, 5, after ? Validity::invalid : Validity::valid),
        reading(MetricName::service_time_p50_ns, 5, block > 3 ? Validity::invalid : Validity::valid),
        reading(MetricName::deliveries_per_s, 0),
        reading(MetricName::delivery_p50_ns, block % 2 == 0 ? 100 : 500, Validity::degraded),
    };
  };
  auto metrics = kWaitedFor;
  metrics.push_back(MetricName::delivery_p50_ns);
  const auto standing = standing_of(trials_of(10, of), kPair, metrics, {10, 40});
  EXPECT_EQ(standing.look.decided, 1);
  EXPECT_EQ(standing.left_out, 4);
  EXPECT_TRUE(standing.look.undecided.empty());
}

TEST(Standing, WaitsForTheMetricsThatAreNamed) {
  const auto of = [](bool, int block) {
    return std::vector<Reading>{reading(MetricName::throughput_per_s, 100 * wobble(block)),
                                reading(MetricName::latency_p99_ns, block % 2 == 0 ? 100 : 500)};
  };
  EXPECT_TRUE(standing_of(trials_of(10, of), kPair, {}, {10, 40}).look.undecided.empty());
  const auto named = standing_of(trials_of(10, of), kPair, {MetricName::latency_p99_ns}, {10, 40}).look;
  EXPECT_EQ(named.decided + static_cast<int>(named.undecided.size()), 1);
}

// The long form: tests/bench/sequential.
TEST(Standing, TellsEqualVersionsApartInTwoPercentAtMost) {
  constexpr int kComparisons = 600;
  constexpr int kMost = 24;  // of 600, were it 2 %: more in 1 of 1 000 tests
  using tests::Noise;
  for (const Noise noise : {Noise::normal, Noise::lognormal, Noise::heavy, Noise::drifting, Noise::skewed}) {
    const tests::Decided all = tests::decide_made({noise, 0.1, 0, 26, 0}, kComparisons, 18);
    EXPECT_LE(all.worse + all.better, kMost) << to_string(noise);
  }
}

TEST(Standing, FindsWhatIsThere) {
  const tests::Decided slower = tests::decide_made({tests::Noise::normal, 0.02, 0.1, 40, 0.03}, 100, 18);
  EXPECT_EQ(slower.worse, 100);
  EXPECT_LT(slower.blocks, 11);
  const tests::Decided same = tests::decide_made({tests::Noise::normal, 0.02, 0, 40, 0.03}, 100, 18);
  EXPECT_GE(same.same, 95);
}

// Luck of single trials is not that of a whole pair, and what blocks share is none of a trial.
TEST(Standing, AnIntervalIsAsNarrowAsItsNoiseAllows) {
  constexpr int kSamples = 400;
  constexpr int kMost = 36;  // of 400, were it 5 %: more in 1 of 1 000 tests
  for (const auto& [noise, narrower] : {std::pair(tests::Noise::lucky, 0.5), std::pair(tests::Noise::normal, 1.05),
                                        std::pair(tests::Noise::shared, 1.05)}) {
    const tests::Shown all = tests::show_pairs(noise, 0.01, 24, kSamples, 18);
    EXPECT_LE(all.half, narrower * all.half_by_difference) << to_string(noise);
    EXPECT_LE(all.alarms, kMost) << to_string(noise);
    EXPECT_GE(all.found, kSamples * 3 / 4) << to_string(noise);
  }
}

// Where the time was up in the middle of a block: the figures beside the ratio are of the same blocks.
TEST(Standing, KeepsNothingOfALaterBlock) {
  std::vector<model::CellSummary> cells;
  for (const model::Summary& summary : summarise(slower_by(1.1, 11))) cells.push_back({"", "", summary});
  cells.push_back(cells.back());
  auto& late = cells.back().summary.readings;
  late.erase(late.begin(), late.end() - 1);
  keep_blocks(cells, 10);
  ASSERT_EQ(cells.size(), 2U) << "the last cell was measured in block 11 alone";
  const auto expected = summarise(slower_by(1.1, 10));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const model::Summary& kept = cells[i].summary;
    EXPECT_EQ(kept.case_name, expected[i].case_name);
    EXPECT_EQ(kept.phase, expected[i].phase);
    EXPECT_EQ(kept.metric, expected[i].metric);
    EXPECT_EQ(kept.n, 10);
    EXPECT_EQ(kept.value, expected[i].value);
    EXPECT_EQ(kept.ci95, expected[i].ci95);
  }
}

TEST(Standing, ComparesAtTheLevelOfTheLook) {
  EXPECT_EQ(matching_at(14, 40).tail, stats::tail_at(14, 40));
  EXPECT_TRUE(matching_at(14, 40).shared_blocks);
}

}  // namespace
}  // namespace dyno::results
