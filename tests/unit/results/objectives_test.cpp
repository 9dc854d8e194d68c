#include "results/objectives.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fakes/reading.h"
#include "results/summarise.h"
#include "stats/sequential.h"

namespace dyno::results {
namespace {

using model::MetricName;
using model::ObjectiveLoad;

constexpr const char* kCase = "orders/single";

model::Stack orders(double limit = 20e6, ObjectiveLoad load = ObjectiveLoad::rate, double at = 200) {
  model::Stack stack;
  stack.name = "orders";
  stack.contract = model::ContractKind::own;
  model::Objective one{.text = "p99 of list at 200/s < 20 ms"};
  one.workload = load == ObjectiveLoad::none ? "" : "list";
  one.load = load;
  one.at = at;
  one.limit = limit;
  stack.objectives = {one};
  return stack;
}

std::vector<model::ProfilePhase> phases() {
  const auto phase = [](const char* name, model::Loop loop, model::PhaseRate rate) {
    model::ProfilePhase one;
    one.workload = "list";
    one.loop = loop;
    one.rate = rate;
    one.name = name;
    return one;
  };
  model::ProfilePhase closed = phase("list/c32", model::Loop::closed, {});
  closed.as = "cap";
  return {closed, phase("list/c32/r30%cap", model::Loop::open, model::ShareOfCap{0.3, "cap"}),
          phase("list/c32/r200", model::Loop::open, Rate{200})};
}

model::Summary p99(double low, double high) {
  model::Summary s;
  s.case_name = kCase;
  s.phase = "list/c32/r200";
  s.metric = MetricName::latency_p99_ns;
  s.value = (low + high) / 2;
  s.n = 6;
  s.ci95 = model::Interval{low, high};
  return s;
}

JudgedObjective judged(const model::Stack& stack, const std::vector<model::Summary>& summaries) {
  const auto all = judge_objectives(stack, kCase, phases(), "service", {summaries});
  EXPECT_EQ(all.size(), 1U);
  return all.at(0);
}

TEST(Objectives, AreDecidedWhereTheIntervalLiesOnOneSide) {
  EXPECT_EQ(judged(orders(), {p99(15e6, 19e6)}).state, ObjectiveState::kept);
  EXPECT_EQ(judged(orders(), {p99(21e6, 22e6)}).state, ObjectiveState::broken);
  const auto open = judged(orders(), {p99(19e6, 21e6)});
  EXPECT_EQ(open.state, ObjectiveState::undecided);
  EXPECT_EQ(open.reason, "the limit lies in the interval");
  EXPECT_EQ(open.value, 20e6);
  EXPECT_EQ(open.phase, "list/c32/r200");
}

TEST(Objectives, AFloorIsKeptFromAbove) {
  model::Stack stack = orders(300, ObjectiveLoad::capacity);
  stack.objectives[0].metric = MetricName::throughput_per_s;
  stack.objectives[0].is_ceiling = false;
  model::Summary s = p99(310, 330);
  s.phase = "list/c32";
  s.metric = MetricName::throughput_per_s;
  EXPECT_EQ(judged(stack, {s}).state, ObjectiveState::kept);
  s.ci95 = model::Interval{250, 290};
  EXPECT_EQ(judged(stack, {s}).state, ObjectiveState::broken);
  s.bound = model::Bound::loader;
  EXPECT_EQ(judged(stack, {s}).reason, "the load generator limited it: the stack does at least this");
  s.ci95 = model::Interval{310, 330};
  EXPECT_EQ(judged(stack, {s}).state, ObjectiveState::kept) << "at least this is enough";
}

// As `summarise` makes it: a share of 0 has no logarithm, so there is no ci95.
TEST(Objectives, NoErrorsAtAllKeepTheirLimit) {
  model::Stack stack = orders(0.001);
  stack.objectives[0].metric = MetricName::error_ratio;
  const auto errors = [](const std::vector<double>& values) {
    std::vector<model::TrialValue> readings;
    for (const double value : values)
      readings.push_back({static_cast<int>(readings.size()) + 1, value, model::Validity::valid, model::Bound::none});
    model::Summary s = summary_of(readings);
    s.case_name = kCase;
    s.phase = "list/c32/r200";
    s.metric = MetricName::error_ratio;
    return s;
  };
  const auto none = judged(stack, {errors({0, 0, 0, 0, 0, 0})});
  EXPECT_EQ(none.state, ObjectiveState::kept) << none.reason;
  ASSERT_TRUE(none.ci95);
  EXPECT_EQ(none.ci95->high, 0);
  EXPECT_EQ(judged(stack, {errors({0, 0, 0.002, 0, 0, 0})}).reason, "the limit lies in the interval");
  EXPECT_EQ(judged(stack, {errors({0, 0, 0, 0, 0})}).reason, "too few trials (5 of 6)");
}

model::Summary p99_of(const std::vector<double>& values, double tail) {
  std::vector<model::TrialValue> readings;
  for (const double value : values)
    readings.push_back({static_cast<int>(readings.size()) + 1, value, model::Validity::valid, model::Bound::none});
  model::Summary s = summary_of(readings, tail);
  s.case_name = kCase;
  s.phase = "list/c32/r200";
  s.metric = MetricName::latency_p99_ns;
  return s;
}

JudgedObjective judged_at(double tail, const model::Stack& stack, const model::Summary& summary) {
  return judge_objectives(stack, kCase, phases(), "service", {{summary}, {}, tail}).at(0);
}

// A run that may end when its figures look decided.
TEST(Objectives, OfALookAreJudgedAtItsConfidence) {
  const double tail = stats::tail_at(12, 40);
  std::vector<double> values;
  for (int i = 0; i < 12; ++i) values.push_back(15e6 + 4e5 * i);
  const model::Summary usual = p99_of(values, stats::kTail95);
  const model::Summary wide = p99_of(values, tail);
  ASSERT_TRUE(usual.ci95 && wide.ci95);
  ASSERT_LT(usual.ci95->high, wide.ci95->high);
  const model::Stack stack = orders((usual.ci95->high + wide.ci95->high) / 2);
  const auto alone = judged_at(stats::kTail95, stack, usual);
  EXPECT_EQ(alone.state, ObjectiveState::kept);
  EXPECT_DOUBLE_EQ(alone.confidence, 0.95);
  const auto looked = judged_at(tail, stack, wide);
  EXPECT_EQ(looked.reason, "the limit lies in the interval");
  EXPECT_EQ(looked.ci95, wide.ci95);
  EXPECT_DOUBLE_EQ(looked.confidence, 1 - 2 * tail);
}

TEST(Objectives, OfALookNeedTheTrialsOfItsConfidence) {
  EXPECT_EQ(trials_to_judge(stats::kTail95), 6);
  const double tail = stats::tail_at(10, 40);  // 0.36 %: 2^−8 is more
  EXPECT_EQ(trials_to_judge(tail), 9);
  const model::Stack stack = orders(20e6);
  EXPECT_EQ(judged_at(tail, stack, p99_of({1, 2, 3, 4, 5, 6, 7, 8}, tail)).reason, "too few trials (8 of 9)");
  EXPECT_EQ(judged_at(tail, stack, p99_of({0, 0, 0, 0, 0, 0, 0, 0}, tail)).reason, "too few trials (8 of 9)")
      << "minimum and maximum of eight are of 99.2 %";
  EXPECT_EQ(judged_at(tail, stack, p99_of({1, 2, 3, 4, 5, 6, 7, 8, 9}, tail)).state, ObjectiveState::kept);
  EXPECT_EQ(judged_at(tail, stack, p99_of({0, 0, 0, 0, 0, 0, 0, 0, 0}, tail)).state, ObjectiveState::kept);
}

TEST(Objectives, WhatDecidesNothingSaysWhy) {
  model::Summary few = p99(1e6, 2e6);
  few.n = 3;
  few.ci95.reset();
  EXPECT_EQ(judged(orders(), {few}).reason, "too few trials (3 of 6)");
  model::Summary struck = few;
  struck.n = 0;
  struck.gates = {{model::GateName::errors, model::Validity::invalid, "3 % of the answers were errors"}};
  EXPECT_EQ(judged(orders(), {struck}).reason, "every trial of it was struck out: 3 % of the answers were errors");
  EXPECT_FALSE(judged(orders(), {struck}).value);
  model::Summary marked = p99(21e6, 22e6);
  marked.validity = model::Validity::degraded;
  EXPECT_EQ(judged(orders(), {marked}).reason, "a quality gate marked it");
  EXPECT_EQ(judged(orders(), {marked}).state, ObjectiveState::undecided);
  EXPECT_EQ(judged(orders(), {}).reason, "no trial has measured it");
  model::Summary other = p99(1e6, 2e6);
  other.case_name = "another/single";
  EXPECT_EQ(judged(orders(), {other}).reason, "no trial has measured it");
}

TEST(Objectives, WhatNoTrialMeasuredSaysWhy) {
  const auto trial = [](std::string case_name, std::string why) {
    TrialMetrics one;
    one.case_name = std::move(case_name);
    model::PhaseResult& phase = one.phases.emplace_back();
    phase.phase = "list/c32/r200";
    phase.readings = {fakes::absent(MetricName::latency_p99_ns, std::move(why))};
    return one;
  };
  const Findings findings{{}, {trial(kCase, "640 answers; 1000 are needed"), trial("another/single", "no histogram")}};
  EXPECT_EQ(judge_objectives(orders(), kCase, phases(), "service", findings).at(0).reason,
            "no trial has measured it: 640 answers; 1000 are needed");
  model::Stack idle = orders(1, ObjectiveLoad::none);
  idle.objectives[0].metric = MetricName::idle_private_bytes;
  TrialMetrics at_rest;
  at_rest.case_name = kCase;
  at_rest.readings = {fakes::absent(MetricName::idle_private_bytes, "the cgroup was gone")};
  EXPECT_EQ(judge_objectives(idle, kCase, phases(), "service", {{}, {at_rest}}).at(0).reason,
            "no trial has measured it: the cgroup was gone");
}

TEST(Objectives, APhaseThatIsNotMeasuredIsNamed) {
  EXPECT_EQ(judged(orders(20e6, ObjectiveLoad::rate, 400), {p99(1, 2)}).reason,
            "profile service does not measure list at 400/s");
  EXPECT_EQ(judged(orders(20e6, ObjectiveLoad::share, 0.6), {}).reason,
            "profile service does not measure list at 60 % of capacity");
  EXPECT_EQ(judged(orders(20e6, ObjectiveLoad::share, 0.3), {}).phase, "list/c32/r30%cap");
}

TEST(Objectives, OfAShareAreKeptOnlyWhereTheCapacityIsTheStacksOwn) {
  const model::Stack stack = orders(20e6, ObjectiveLoad::share, 0.3);
  model::Summary low = p99(15e6, 19e6);
  low.phase = "list/c32/r30%cap";
  model::Summary high = p99(21e6, 22e6);
  high.phase = low.phase;
  model::Summary capacity = p99(900, 1000);
  capacity.phase = "list/c32";
  capacity.metric = MetricName::throughput_per_s;
  EXPECT_EQ(judged(stack, {capacity, low}).state, ObjectiveState::kept);
  capacity.bound = model::Bound::loader;
  EXPECT_EQ(judged(stack, {capacity, low}).reason,
            "the load generator limited the capacity: the load may be a smaller share of it");
  EXPECT_EQ(judged(stack, {capacity, low}).state, ObjectiveState::undecided);
  EXPECT_EQ(judged(stack, {capacity, high}).state, ObjectiveState::broken) << "with more load it is no better";
}

TEST(Objectives, OfSeveralPhasesThatFitTheFirstIsJudgedAndTheOthersAreNamed) {
  std::vector<model::ProfilePhase> asked = phases();
  EXPECT_TRUE(judged(orders(), {p99(15e6, 19e6)}).other_phases.empty());
  model::ProfilePhase wide = asked.front();
  wide.name = "list/c64";
  model::ProfilePhase busy = wide;
  busy.beside = model::BesideLoad{.workload = "buy", .connections = 1, .params = {}};
  busy.name = "list/c64+buy/c1";
  asked.insert(asked.end(), {busy, wide});
  model::Stack stack = orders(300, ObjectiveLoad::capacity);
  stack.objectives[0].metric = MetricName::throughput_per_s;
  stack.objectives[0].is_ceiling = false;
  const auto one = judge_objectives(stack, kCase, asked, "service", {}).at(0);
  EXPECT_EQ(one.phase, "list/c32");
  EXPECT_EQ(one.other_phases, std::vector<std::string>{"list/c64"});
}

TEST(Objectives, OfTheTrialNeedNoPhase) {
  model::Stack stack = orders(120e6, ObjectiveLoad::none);
  stack.objectives[0].metric = MetricName::idle_pss_bytes;
  model::Summary s = p99(100e6, 110e6);
  s.phase = "";
  s.metric = MetricName::idle_pss_bytes;
  EXPECT_EQ(judged(stack, {s}).state, ObjectiveState::kept);
}

}  // namespace
}  // namespace dyno::results
