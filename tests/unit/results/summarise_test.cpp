#include "results/summarise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fakes/reading.h"

namespace dyno::results {
namespace {

using fakes::reading;
using model::Bound;
using model::Validity;
using M = model::MetricName;

model::PhaseResult phase_of(const std::string& name, std::vector<model::Reading> readings) {
  model::PhaseResult phase;
  phase.phase = name;
  phase.readings = std::move(readings);
  return phase;
}

TrialMetrics trial_of(const std::string& case_name, std::vector<model::PhaseResult> phases,
                      std::vector<model::Reading> readings = {}) {
  TrialMetrics trial;
  trial.case_name = case_name;
  trial.readings = std::move(readings);
  trial.phases = std::move(phases);
  return trial;
}

TrialMetrics rate(double value, Validity validity = Validity::valid, Bound bound = Bound::server) {
  return trial_of("go/single", {phase_of("json/c32", {reading(M::throughput_per_s, value, validity, bound)})});
}

std::vector<TrialMetrics> rates(const std::vector<double>& values) {
  std::vector<TrialMetrics> trials;
  for (const double value : values) trials.push_back(rate(value));
  return trials;
}

TEST(Summarise, GivesTheMedianOfWalshAveragesOfTheLogarithms) {
  const auto summaries = summarise(rates({100, 400, 200}));
  ASSERT_EQ(summaries.size(), 1U);
  const model::Summary& s = summaries[0];
  // ln 100, ln 141.4, ln 200 (twice), ln 282.8, ln 400: the median is ln 200.
  EXPECT_NEAR(s.value, 200, 1e-9);
  EXPECT_EQ(s.n, 3);
  EXPECT_EQ(s.values, (std::vector<double>{100, 400, 200}));
  EXPECT_EQ(s.range, (model::Interval{100, 400}));
  EXPECT_FALSE(s.ci95) << "three trials carry no interval";
  EXPECT_EQ(s.bound, Bound::server);
}

TEST(Summarise, GivesAnIntervalFromSixTrialsOn) {
  EXPECT_FALSE(summarise(rates({1, 2, 3, 4, 5}))[0].ci95);
  const auto interval = summarise(rates({1, 2, 3, 4, 5, 6}))[0].ci95;
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 1, 1e-12);
  EXPECT_NEAR(interval->high, 6, 1e-12);
  EXPECT_FALSE(summarise(rates({1}))[0].range);
}

TEST(Summarise, TakesThePlainMedianWhereThereIsNoLogarithm) {
  const auto s = summarise(rates({0, 4, 2, 0, 1, 9, 3}))[0];
  EXPECT_EQ(s.value, 2);
  EXPECT_FALSE(s.ci95);
  EXPECT_EQ(s.range, (model::Interval{0, 9}));
}

TEST(Summarise, KeepsInvalidReadingsOutAndTellsOfDegradedOnes) {
  auto trials = rates({100, 100});
  trials.push_back(rate(9000, Validity::invalid, Bound::loader));
  EXPECT_NEAR(summarise(trials)[0].value, 100, 1e-9);
  EXPECT_EQ(summarise(trials)[0].n, 2);
  EXPECT_EQ(summarise(trials)[0].validity, Validity::valid);
  trials.push_back(rate(100, Validity::degraded));
  EXPECT_EQ(summarise(trials)[0].n, 3);
  EXPECT_EQ(summarise(trials)[0].validity, Validity::degraded);
}

TEST(Summarise, JudgesEachCellByItsOwnReadings) {
  auto trial = trial_of("go/single", {phase_of("json/c32", {reading(M::throughput_per_s, 9000, Validity::invalid),
                                                            reading(M::app_cpu_ns_per_request, 45'000)})});
  trial.phases[0].verdict.validity = Validity::invalid;
  const auto summaries = summarise({trial});
  ASSERT_EQ(summaries.size(), 2U);
  EXPECT_EQ(summaries[0].n, 0);
  EXPECT_EQ(summaries[1].n, 1) << "what the load generator's fault does not touch, counts";
  EXPECT_EQ(summaries[1].validity, Validity::valid);
}

TEST(Summarise, NamesTheGatesOfTheCellOnceAndAtTheirWorst) {
  const auto spoilt = [](Validity validity, const std::string& text) {
    auto trial = rate(100, validity);
    trial.phases[0].readings[0].gates = {model::GateName::steal};
    trial.phases[0].verdict.gates = {{model::GateName::steal, validity, text},
                                     {model::GateName::sampler, Validity::degraded, "of other readings"}};
    return trial;
  };
  const auto s = summarise({spoilt(Validity::degraded, "a"), spoilt(Validity::invalid, "b"), rate(100)})[0];
  ASSERT_EQ(s.gates.size(), 1U);
  EXPECT_EQ(s.gates[0], (model::GateResult{model::GateName::steal, Validity::invalid, "b"}));
}

TEST(Summarise, JudgesWhatBelongsToTheTrial) {
  auto trial = trial_of("go/single", {}, {reading(M::app_startup_ns, 100, Validity::invalid), reading(M::stop_ns, 7)});
  trial.readings[0].gates = {model::GateName::start_steal};
  trial.verdict.gates = {{model::GateName::start_steal, Validity::invalid, "words"}};
  const auto summaries = summarise({trial});
  EXPECT_EQ(summaries[0].n, 0);
  EXPECT_EQ(summaries[0].gates[0].text, "words");
  EXPECT_EQ(summaries[1].n, 1);
}

TEST(Summarise, RestsOnNothingWhereAllIsInvalid) {
  const auto s = summarise({rate(9000, Validity::invalid, Bound::loader)})[0];
  EXPECT_EQ(s.validity, Validity::invalid);
  EXPECT_EQ(s.bound, Bound::loader);
  EXPECT_EQ(s.n, 0);
  EXPECT_TRUE(s.values.empty());
  EXPECT_EQ(s.value, 9000);
  EXPECT_FALSE(s.ci95 || s.range);
}

TEST(Summarise, LeavesOutTrialsThatDidNotSucceed) {
  for (const auto state : {model::TrialState::running, model::TrialState::failed, model::TrialState::interrupted,
                           model::TrialState::cancelled}) {
    auto trials = rates({100});
    trials[0].state = state;
    EXPECT_TRUE(summarise(trials).empty()) << model::to_string(state);
  }
}

TEST(Summarise, LeavesOutWhatWasNotMeasured) {
  EXPECT_TRUE(summarise({trial_of("go/single", {}, {fakes::absent(M::app_startup_ns, "no stamp")})}).empty());
}

TEST(Summarise, PutsStartsOfBothKindsOfTrialTogether) {
  std::vector<TrialMetrics> trials{trial_of("go/single", {}, {reading(M::app_startup_ns, 100)}),
                                   trial_of("go/single", {}, {reading(M::app_startup_ns, 100)})};
  trials[1].kind = model::TrialKind::startup;
  EXPECT_EQ(summarise(trials)[0].n, 2);
}

TEST(Summarise, KeepsTheOrderOfCasesPhasesAndMetrics) {
  const std::vector<model::Reading> both{reading(M::error_ratio, 0), reading(M::throughput_per_s, 1)};
  const auto summaries = summarise(
      {trial_of("node/single", {phase_of("plaintext/c32", both), phase_of("json/c32", both)}, {reading(M::stop_ns, 5)}),
       trial_of("go/single", {phase_of("json/c32", {reading(M::throughput_per_s, 1)})})});
  std::vector<std::string> order;
  for (const auto& s : summaries) order.push_back(s.case_name + " " + s.phase + " " + std::string(to_string(s.metric)));
  EXPECT_EQ(order,
            (std::vector<std::string>{"node/single  stop_ns", "node/single plaintext/c32 throughput_per_s",
                                      "node/single plaintext/c32 error_ratio", "node/single json/c32 throughput_per_s",
                                      "node/single json/c32 error_ratio", "go/single json/c32 throughput_per_s"}));
}

TEST(Summarise, NamesTheBoundOfMostTrials) {
  auto trials = rates({1, 1, 1});
  trials[0].phases[0].readings[0].bound = Bound::waiting;
  EXPECT_EQ(summarise(trials)[0].bound, Bound::server);
}

}  // namespace
}  // namespace dyno::results
