#include "results/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "results/summarise.h"

namespace dyno::results {
namespace {

using model::Bound;
using model::CellSummary;
using model::MetricName;
using model::Validity;

CellSummary cell_of(const std::vector<double>& values, MetricName metric = MetricName::throughput_per_s,
                    Validity validity = Validity::valid, Bound bound = Bound::server) {
  std::vector<PlacedReading> readings;
  int block = 0;
  for (const double value : values)
    readings.push_back({"go-gin/single", "json/c32", metric, {++block, value, validity, bound}});
  return {"go-gin", "e1:a", summarise(readings).front()};
}

// Ten values around `centre`, half a percent apart.
std::vector<double> ten(double centre, double step = 0.005) {
  std::vector<double> values;
  for (int i = 0; i < 10; ++i) values.push_back(centre * (1 + step * ((i * 7) % 10 - 4.5) / 4.5));
  return values;
}

std::vector<std::string> lines_of(const std::vector<Difference>& all) {
  std::vector<std::string> lines;
  for (const Difference& one : all)
    lines.push_back(one.what + "|" + one.stack + "|" + one.a + "|" + one.b + (one.in_key ? "|key" : ""));
  return lines;
}

struct Row {
  std::string name;
  CellSummary a;
  CellSummary b;
  std::optional<Decision> decision;
  std::optional<Doubt> doubt;
};

TEST(Compare, DecidesByTheIntervalAndTheBand) {
  using M = MetricName;
  const auto other_machine = [](CellSummary cell) {
    cell.environment_key = "e1:b";
    return cell;
  };
  const auto nine = [](std::vector<double> values) {
    values.pop_back();
    return values;
  };
  const Validity bad = Validity::invalid;
  const std::vector<Row> rows{
      {"more throughput", cell_of(ten(100)), cell_of(ten(110)), Decision::better, {}},
      {"less throughput", cell_of(ten(100)), cell_of(ten(90)), Decision::worse, {}},
      {"less CPU",
       cell_of(ten(100), M::app_cpu_ns_per_request),
       cell_of(ten(90), M::app_cpu_ns_per_request),
       Decision::better,
       {}},
      {"inside the band", cell_of(ten(100)), cell_of(ten(101)), Decision::same, {}},
      {"on its edge", cell_of(ten(100)), cell_of(ten(103)), Decision::inconclusive, Doubt::spread},
      {"noise", cell_of(ten(100, 0.2)), cell_of(ten(101, 0.2)), Decision::inconclusive, Doubt::spread},
      {"nine trials", cell_of(nine(ten(100))), cell_of(ten(150)), Decision::inconclusive, Doubt::few_trials},
      {"another machine", cell_of(ten(100)), other_machine(cell_of(ten(150))), Decision::inconclusive,
       Doubt::environment},
      {"nothing valid", cell_of(ten(100), M::throughput_per_s, bad), cell_of(ten(150)), Decision::inconclusive,
       Doubt::invalid},
      {"degraded", cell_of(ten(100)), cell_of(ten(150), M::throughput_per_s, Validity::degraded),
       Decision::inconclusive, Doubt::degraded},
      {"held back", cell_of(ten(100), M::throughput_per_s, Validity::valid, Bound::loader), cell_of(ten(150)),
       Decision::inconclusive, Doubt::bound},
      {"no logarithm", cell_of(std::vector<double>(10, 0.0), M::error_ratio), cell_of(ten(0.1), M::error_ratio),
       Decision::inconclusive, Doubt::not_positive},
      {"neither good nor bad", cell_of(ten(100), M::app_cpu_cores), cell_of(ten(150), M::app_cpu_cores), {}, {}},
  };
  for (const Row& row : rows) {
    const Compared all = compare(row.a, row.b, {.shared_blocks = false});
    EXPECT_EQ(all.decision, row.decision) << row.name;
    EXPECT_EQ(all.doubt, row.doubt) << row.name;
  }
}

// Blocks drift by a factor of two, which pairs cancel and two separate samples do not.
TEST(Compare, PairsCancelWhatTheMachineDidInABlock) {
  std::vector<double> a, b;
  for (int block = 0; block < 12; ++block) {
    const double drift = 1 + block / 12.0;
    a.push_back(100 * drift);
    b.push_back(108 * drift * (1 + 0.001 * (block % 3)));
  }
  const Compared paired = compare(cell_of(a), cell_of(b), {.shared_blocks = true});
  EXPECT_EQ(paired.decision, Decision::better);
  EXPECT_EQ(paired.factor->n, 12);
  EXPECT_NEAR(paired.factor->value, 1.08, 0.002);
  EXPECT_EQ(compare(cell_of(a), cell_of(b), {.shared_blocks = false}).decision, Decision::inconclusive);
}

TEST(Compare, AnInvalidReadingEntersNeitherSide) {
  CellSummary b = cell_of(ten(100));
  b.summary.readings.push_back({11, 9'000, Validity::invalid, Bound::server});
  EXPECT_EQ(compare(cell_of(ten(100)), b, {.shared_blocks = false}).factor->value, 1);
}

CellSummary cpu_time(const std::vector<double>& values) { return cell_of(values, MetricName::app_cpu_ns_per_request); }

// CPU time per request of two versions, 12 % apart, while something else began on the machine.
TEST(Compare, FindsWhatTheLuckOfAFewTrialsWouldHide) {
  const std::vector<double> a{239, 196, 189, 189, 194, 188, 188, 190, 190, 190, 200, 186};
  const std::vector<double> b{216, 223, 210, 272, 276, 312, 213, 212, 211, 215, 209, 208};
  const Compared all = compare(cpu_time(a), cpu_time(b), {.shared_blocks = true, .tail = 0.00426});
  EXPECT_EQ(all.decision, Decision::worse) << "a difference within a block has the luck of both its trials";
  EXPECT_NEAR(all.factor->value, 1.12, 0.02);
}

// The same when every third trial was slow: no spread of the middle half tells of it.
TEST(Compare, ManySlowTrialsAddToWhatAChangeNeeds) {
  const std::vector<double> a{187, 207, 199, 201, 187, 188, 206, 209, 241, 239, 234, 212};
  const std::vector<double> b{212, 253, 225, 239, 206, 226, 215, 267, 236, 224, 215, 278};
  const Compared all = compare(cpu_time(a), cpu_time(b), {.shared_blocks = true, .tail = 0.00426});
  EXPECT_EQ(all.decision, Decision::inconclusive);
  EXPECT_GT(all.mde, all.factor->value - 1) << "it would have been seen otherwise";
}

TEST(Compare, TheBandIsPartOfWhatAChangeNeeds) {
  const Compared all = compare(cell_of(ten(100)), cell_of(ten(100)), {.shared_blocks = false});
  ASSERT_TRUE(all.mde);
  EXPECT_GT(*all.mde, all.band);
  EXPECT_DOUBLE_EQ(*all.mde, all.band + *all.factor->resolution);
}

TEST(Compare, ABandIsNoLessThanAnybodyNotices) {
  using M = MetricName;
  EXPECT_DOUBLE_EQ(band_of(M::throughput_per_s, 20'000), 0.03);
  EXPECT_DOUBLE_EQ(band_of(M::latency_p50_ns, 1e6), 0.05);
  EXPECT_DOUBLE_EQ(band_of(M::latency_p99_ns, 1e6), 0.15);
  EXPECT_DOUBLE_EQ(band_of(M::idle_pss_bytes, 10 << 20), 0.1) << "1 MiB of 10 MiB";
  EXPECT_DOUBLE_EQ(band_of(M::idle_pss_bytes, 1e9), 0.03);
  EXPECT_DOUBLE_EQ(band_of(M::app_startup_ns, 10e6), 0.5) << "5 ms of 10 ms";
  EXPECT_DOUBLE_EQ(band_of(M::app_startup_ns, 1e9), 0.1);
}

TEST(Compare, MatchesCellsThatBothSidesHave) {
  CellSummary other = cell_of(ten(50));
  other.summary.case_name = "node-fastify/single";
  CellSummary alone = cell_of(ten(70));
  alone.summary.phase = "plaintext/c32";
  const auto all = compare_all({cell_of(ten(100)), other}, {other, alone, cell_of(ten(100))}, {});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].b.summary.case_name, "node-fastify/single");
  const auto cases = compare_all({cell_of(ten(100))}, {other}, {true, false});
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_NEAR(cases[0].factor->value, 0.5, 1e-9);
  EXPECT_EQ(cases[0].design, stats::Design::paired);
}

TEST(Compare, NamesWhatWasAnother) {
  model::Run a;
  a.environment.facts = {{"kernel", "6.1", true}, {"cpus", "2", true}, {"gone", "x", false}};
  a.request.profile = "quick";
  a.stacks.resize(1);
  a.stacks[0].name = "go-gin";
  a.stacks[0].image_id = "sha256:1";
  model::Run b = a;
  b.environment.facts = {{"kernel", "6.5", true}, {"cpus", "2", true}, {"new", "y", false}};
  b.stacks[0].image_id = "sha256:2";
  EXPECT_EQ(lines_of(differences_of(a, b)),
            (std::vector<std::string>{"kernel||6.1|6.5|key", "gone||x|", "new|||y", "image|go-gin|sha256:1|sha256:2"}));
}

TEST(Compare, NamesWhatWasAnotherOfTwoStacksOfOneRun) {
  model::Run run;
  run.environment.facts = {{"kernel", "6.1", true},
                           {"service_orders@main.postgres_image", "sha256:p", false},
                           {"service_orders@main.redis_image", "sha256:r", false},
                           {"service_orders@main-after.postgres_image", "sha256:p", false},
                           {"service_orders@main-after.redis_image", "sha256:r2", false},
                           {"service_orders@main-after.redis_base_kind", "stand_in", true}};
  run.stacks.resize(3);
  run.stacks[0].name = "other";
  run.stacks[0].image_id = "sha256:0";
  run.stacks[1].name = "orders@main";
  run.stacks[1].image_id = "sha256:1";
  run.stacks[1].reported_version = "26.10.0";
  run.stacks[2] = run.stacks[1];
  run.stacks[2].name = "orders@main-after";
  run.stacks[2].image_id = "sha256:2";
  EXPECT_TRUE(differences_of(run, run).empty()) << "each stack with itself";
  EXPECT_EQ(lines_of(differences_of(run, run, {"orders@main", "orders@main-after"})),
            (std::vector<std::string>{"image|orders@main-after|sha256:1|sha256:2",
                                      "service_redis_base_kind|orders@main-after||stand_in",
                                      "service_redis_image|orders@main-after|sha256:r|sha256:r2"}));
  EXPECT_TRUE(differences_of(run, run, {"orders@main", "orders@main"}).empty());
}

}  // namespace
}  // namespace dyno::results
