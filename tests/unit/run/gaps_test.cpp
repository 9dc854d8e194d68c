#include "run/gaps.h"

#include <gtest/gtest.h>

#include "fakes/reading.h"

namespace dyno::run {
namespace {

model::PhaseResult measured(const std::string& name) {
  model::PhaseResult phase;
  phase.phase = name;
  phase.readings = {fakes::reading(model::MetricName::throughput_per_s, 100)};
  return phase;
}

model::PhaseResult without(const std::string& name, const std::string& reason) {
  model::PhaseResult phase;
  phase.phase = name;
  phase.readings = {fakes::absent(model::MetricName::throughput_per_s, reason)};
  return phase;
}

struct Trials {
  std::vector<model::Trial> trials;
  std::vector<results::TrialMetrics> contributions;

  void add(const std::string& case_name, std::vector<model::PhaseResult> phases) {
    add(case_name, model::TrialFailure::none, "", std::move(phases));
  }
  void add(const std::string& case_name, model::TrialFailure failure, const std::string& reason,
           std::vector<model::PhaseResult> phases = {}) {
    model::Trial trial;
    trial.case_name = case_name;
    trial.failure = failure;
    trial.reason = reason;
    trial.state = failure == model::TrialFailure::none ? model::TrialState::succeeded : model::TrialState::failed;
    contributions.push_back(results::contribution_of(trial, std::move(phases)));
    trials.push_back(std::move(trial));
  }
  std::vector<std::string> gaps() const {
    std::vector<std::string> lines;
    for (const Gap& gap : gaps_of(trials, contributions))
      lines.push_back(gap.case_name + " " + gap.phase + " " + gap.reason);
    return lines;
  }
};

TEST(Gaps, AreNoneWhereEveryCellHoldsANumber) {
  Trials trials;
  trials.add("a", {measured("json"), measured("ws")});
  trials.add("a", model::TrialFailure::crashed, "exit code 1");  // another block's trial was good
  EXPECT_TRUE(trials.gaps().empty());
}

TEST(Gaps, SayWhyACellIsEmpty) {
  Trials trials;
  trials.add("a", {measured("json"), without("ws", "the stack does not offer ws")});
  trials.add("b", {measured("json"), measured("ws")});
  trials.add("c", model::TrialFailure::never_ready, "no answer within 60 s");
  trials.add("d", model::TrialFailure::crashed, "exit code 137", {measured("json")});
  EXPECT_EQ(trials.gaps(),
            (std::vector<std::string>{"a ws the stack does not offer ws", "c json never_ready: no answer within 60 s",
                                      "c ws never_ready: no answer within 60 s", "d json crashed: exit code 137",
                                      "d ws crashed: exit code 137"}));
}

}  // namespace
}  // namespace dyno::run
