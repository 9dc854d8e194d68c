// Places, ties and several workloads; and nights that are taken together, against what SciPy makes of them (tests/data/stats/golden_pool.py).
#include "results/board.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "results/compare.h"
#include "results/summarise.h"
#include "stats/location.h"
#include "stats/strata.h"

namespace dyno::results {
namespace {

using model::Bound;
using model::MetricName;

std::ifstream golden() { return std::ifstream(std::string(DYNO_SOURCE_DIR) + "/tests/data/stats/golden_pool.txt"); }

void expect_factor(std::istringstream& in, const std::optional<stats::Factor>& factor, const std::string& where) {
  std::string ratio, low, high, n, unit;
  in >> ratio >> low >> high >> n >> unit;
  ASSERT_TRUE(factor) << where;
  EXPECT_NEAR(factor->value, std::stod(ratio), 1e-9) << where;
  EXPECT_EQ(std::to_string(factor->n), n) << where;
  EXPECT_EQ(factor->nights_differ, unit == "night") << where;
  ASSERT_EQ(factor->ci95.has_value(), low != "-") << where;
  if (!factor->ci95) return;
  EXPECT_NEAR(factor->ci95->low, std::stod(low), 1e-9) << where;
  EXPECT_NEAR(factor->ci95->high, std::stod(high), 1e-9) << where;
}

TEST(Pool, NightsTogetherAreThoseOfAnIndependentPackage) {
  std::ifstream file = golden();
  std::string name;
  std::vector<stats::BlockValue> a, b;
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream in(line);
    std::string word;
    in >> word;
    if (word == "case") {
      in >> name;
      a.clear();
      b.clear();
    } else if (word == "a" || word == "b") {
      stats::BlockValue one;
      in >> one.night >> one.block >> one.value;
      (word == "a" ? a : b).push_back(one);
    } else if (word == "kruskal") {
      double p = 0;
      in >> p;
      std::vector<stats::NightValue> values;
      for (const stats::BlockValue& one : a) values.push_back({one.night, one.value});
      EXPECT_NEAR(stats::kruskal_wallis_p(stats::ranked(values)), p, 1e-12) << name;
      ++checked;
    } else if (word == "paired" || word == "unpaired") {
      expect_factor(in, stats::factor_of({a}, {b}, word == "paired" ? stats::Design::paired : stats::Design::unpaired),
                    name + " " + word);
    }
  }
  EXPECT_EQ(checked, 5);
}

TEST(Pool, PlacesOfManyPairsAreThoseOfAnIndependentPackage) {
  std::ifstream file = golden();
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream in(line);
    std::string word;
    int n = 0, m = 0, c = 0;
    double tail = 0;
    in >> word;
    if (word == "c_pairs") {
      in >> n >> tail >> c;
      EXPECT_EQ(stats::signed_rank_c(n, tail), c) << line;
      ++checked;
    } else if (word == "c_sides") {
      in >> n >> m >> tail >> c;
      EXPECT_EQ(stats::rank_sum_c(n, m, tail), c) << line;
      ++checked;
    }
  }
  EXPECT_EQ(checked, 28);
}

// Blocks of three nights around `level`, half a per cent apart; what a block does to one case it does to all.
BoardRow row(const std::string& name, double level, int nights = 3, const std::string& phase = "json/c64",
             Bound bound = Bound::server) {
  std::vector<model::TrialValue> readings;
  for (int night = 1; night <= nights; ++night) {
    for (int block = 1; block <= 5; ++block) {
      const double own = 0.001 * (((night * 5 + block) * static_cast<int>(name.size() + 3)) % 7 - 3);
      readings.push_back({block, level * (1 + 0.02 * block + own), model::Validity::valid, bound, night});
    }
  }
  BoardRow one;
  one.who.case_name = one.who.stack = name;
  one.who.stack_class = "production";
  one.summary = summary_of(std::move(readings));
  one.summary.case_name = name;
  one.summary.phase = phase;
  return one;
}

std::string places(const Board& board) {
  std::string text;
  for (const BoardRow& one : board.rows) {
    text += one.who.case_name;
    if (one.why) text += " " + std::string(model::to_string(*one.why));
    else
      text += " " + std::to_string(one.best_place) + "-" + std::to_string(one.worst_place) + " " +
              std::to_string(one.group);
    text += "; ";
  }
  return text;
}

TEST(Board, TellsPlacesAsRanges) {
  const auto throughput = MetricName::throughput_per_s;
  EXPECT_EQ(places(board_of("json/c64", throughput, {row("slow", 80), row("fast", 120), row("middle", 100)}, false)),
            "fast 1-1 1; middle 2-2 2; slow 3-3 3; ");
  EXPECT_EQ(places(board_of("json/c64", throughput, {row("a", 100), row("bb", 100.5), row("slow", 50)}, false)),
            "bb 1-2 1; a 1-2 1; slow 3-3 2; ");
  EXPECT_EQ(places(board_of("", MetricName::app_startup_ns, {row("late", 9e8, 3, ""), row("soon", 1e8, 3, "")}, false)),
            "soon 1-1 1; late 2-2 2; ")
      << "less is better";
}

TEST(Board, DecidesNothingFromTwoNightsOfFiveBlocks) {
  EXPECT_EQ(
      places(board_of("json/c64", MetricName::throughput_per_s, {row("fast", 200, 2), row("slow", 100, 2)}, false)),
      "fast 1-2 1; slow 1-2 1; ");
  EXPECT_EQ(
      places(board_of("json/c64", MetricName::throughput_per_s, {row("fast", 200, 1), row("slow", 100, 1)}, false)),
      "fast 1-2 1; slow 1-2 1; ");
}

TEST(Board, GivesNoPlaceToWhatIsNotTheStacksOwnLimit) {
  BoardRow tuned = row("tuned", 300);
  tuned.who.stack_class = "tuned";
  const std::vector<BoardRow> rows{row("fast", 200), row("loaded", 400, 3, "json/c64", Bound::loader),
                                   row("calm", 250, 3, "json/c64", Bound::waiting),
                                   row("stored", 260, 3, "json/c64", Bound::database), tuned};
  EXPECT_EQ(places(board_of("json/c64", MetricName::throughput_per_s, rows, false)),
            "fast 1-1 1; tuned class; stored database; calm waiting; loaded loader; ");
  EXPECT_EQ(places(board_of("json/c64", MetricName::throughput_per_s, {row("fast", 200), tuned}, true)),
            "tuned 1-1 1; fast 2-2 2; ");
  EXPECT_EQ(
      places(board_of("json/c64/r60%json_cap", MetricName::latency_p99_ns, {row("a", 1e6), row("b", 2e6)}, false)),
      "a own_rate; b own_rate; ");
}

TEST(Board, TakesWorkloadsTogetherBlockByBlock) {
  const auto metric = MetricName::throughput_per_s;
  std::vector<Board> boards;
  boards.push_back(board_of("json/c64", metric, {row("a", 100), row("bb", 200)}, false));
  boards.push_back(board_of("json/c16", metric, {row("a", 100)}, false));
  boards.push_back(
      board_of("users/c64", metric, {row("a", 100, 3, "users/c64"), row("bb", 50, 3, "users/c64")}, false));
  const auto all = overall_of(boards, metric, false);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->phases, (std::vector<std::string>{"json/c64", "users/c64"})) << "of json the phase that most have";
  EXPECT_EQ(places(*all), "a 1-2 1; bb 1-2 1; ") << "twice as fast here, half as fast there";
  EXPECT_NEAR(all->rows[1].ratio->value, 1, 0.002);
  EXPECT_FALSE(overall_of(boards, MetricName::latency_p99_ns, false));
}

TEST(Board, ReadsPhasesAndCasesByTheirNames) {
  EXPECT_EQ(workload_of("json/c64"), "json");
  EXPECT_EQ(mode_of("go-gin/single"), "single");
  EXPECT_FALSE(is_open("json/c64"));
  EXPECT_TRUE(is_open("json/c64/r1000"));
  EXPECT_FALSE(has_own_rate("json/c64/r1000"));
  EXPECT_TRUE(has_own_rate("json/c64/r60%json_cap"));
}

}  // namespace
}  // namespace dyno::results
