#include "run/summarise.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dyno::run {
namespace {

using model::Bound;
using model::Validity;

model::PhaseResult phase_of(const std::string& name, std::map<std::string, double> metrics,
                            Validity validity = Validity::valid, Bound bound = Bound::server) {
  model::PhaseResult phase;
  phase.phase = name;
  phase.metrics = std::move(metrics);
  phase.verdict.validity = validity;
  phase.verdict.bound = bound;
  return phase;
}

TrialMetrics trial_of(const std::string& case_name, std::vector<model::PhaseResult> phases,
                      std::map<std::string, double> metrics = {}) {
  TrialMetrics trial;
  trial.case_name = case_name;
  trial.metrics = std::move(metrics);
  trial.phases = std::move(phases);
  return trial;
}

std::vector<TrialMetrics> rates(const std::vector<double>& values) {
  std::vector<TrialMetrics> trials;
  for (const double value : values)
    trials.push_back(trial_of("go/single", {phase_of("json/c32", {{"throughput_per_s", value}})}));
  return trials;
}

TEST(TrialMetrics, AreTheDifferencesOfTheMarks) {
  model::Trial trial;
  model::StartupMarks& m = trial.startup.emplace();
  m.create_call = monotonic_from_ns(100);
  m.start_call = monotonic_from_ns(200);
  m.exec = monotonic_from_ns(500);
  m.listen = monotonic_from_ns(900);
  m.first_good = monotonic_from_ns(1000);
  m.sandbox = Nanos(77);
  trial.idle = model::MemoryReading{mib(3), mib(2), std::nullopt, std::nullopt};
  trial.stop = Nanos(42);
  const std::map<std::string, double> expected{
      {"app_startup_ns", 500}, {"startup_ns", 800}, {"create_to_good_ns", 900},  {"listen_ns", 400},
      {"engine_ns", 300},      {"sandbox_ns", 77},  {"idle_pss_bytes", 3 << 20}, {"idle_private_bytes", 2 << 20},
      {"stop_ns", 42}};
  EXPECT_EQ(trial_metrics(trial), expected);
}

TEST(TrialMetrics, LeaveOutWhatWasNotMeasured) {
  model::Trial trial;
  EXPECT_TRUE(trial_metrics(trial).empty());
  trial.startup.emplace();
  EXPECT_EQ(trial_metrics(trial), (std::map<std::string, double>{{"sandbox_ns", 0}}));
}

TEST(TrialMetrics, KeepColdStartsOutOfTheWarmOnes) {
  model::Trial trial;
  trial.startup.emplace().kind = model::StartKind::cache_cold;
  trial.startup->exec = monotonic_from_ns(1);
  trial.startup->first_good = monotonic_from_ns(2);
  trial.startup->start_call = monotonic_from_ns(0);
  EXPECT_EQ(trial_metrics(trial),
            (std::map<std::string, double>{{"app_startup_cache_cold_ns", 1}, {"startup_cache_cold_ns", 2}}));
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

TEST(Summarise, KeepsInvalidMeasurementsOutAndTellsOfDegradedOnes) {
  auto trials = rates({100, 100});
  trials.push_back(
      trial_of("go/single", {phase_of("json/c32", {{"throughput_per_s", 9000}}, Validity::invalid, Bound::loader)}));
  EXPECT_NEAR(summarise(trials)[0].value, 100, 1e-9);
  EXPECT_EQ(summarise(trials)[0].n, 2);
  EXPECT_EQ(summarise(trials)[0].validity, Validity::valid);
  trials.push_back(trial_of("go/single", {phase_of("json/c32", {{"throughput_per_s", 100}}, Validity::degraded)}));
  EXPECT_EQ(summarise(trials)[0].n, 3);
  EXPECT_EQ(summarise(trials)[0].validity, Validity::degraded);
}

TEST(Summarise, RestsOnNothingWhereAllIsInvalid) {
  const auto s = summarise({trial_of(
      "go/single", {phase_of("json/c32", {{"throughput_per_s", 9000}}, Validity::invalid, Bound::loader)})})[0];
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

TEST(Summarise, PutsStartsOfBothKindsOfTrialTogether) {
  std::vector<TrialMetrics> trials{trial_of("go/single", {}, {{"app_startup_ns", 100}}),
                                   trial_of("go/single", {}, {{"app_startup_ns", 100}})};
  trials[1].kind = model::TrialKind::startup;
  EXPECT_EQ(summarise(trials)[0].n, 2);
}

TEST(Summarise, KeepsTheOrderOfCasesPhasesAndMetrics) {
  const std::map<std::string, double> both{{"error_ratio", 0}, {"throughput_per_s", 1}, {"unheard_of", 1}};
  const auto summaries = summarise(
      {trial_of("node/single", {phase_of("plaintext/c32", both), phase_of("json/c32", both)}, {{"stop_ns", 5}}),
       trial_of("go/single", {phase_of("json/c32", {{"throughput_per_s", 1}})})});
  std::vector<std::string> order;
  for (const auto& s : summaries) order.push_back(s.case_name + " " + s.phase + " " + s.metric);
  EXPECT_EQ(order,
            (std::vector<std::string>{"node/single  stop_ns", "node/single plaintext/c32 throughput_per_s",
                                      "node/single plaintext/c32 error_ratio", "node/single plaintext/c32 unheard_of",
                                      "node/single json/c32 throughput_per_s", "node/single json/c32 error_ratio",
                                      "node/single json/c32 unheard_of", "go/single json/c32 throughput_per_s"}));
}

TEST(Summarise, NamesTheBoundOfMostTrials) {
  auto trials = rates({1, 1, 1});
  trials[0].phases[0].verdict.bound = Bound::waiting;
  EXPECT_EQ(summarise(trials)[0].bound, Bound::server);
}

}  // namespace
}  // namespace dyno::run
