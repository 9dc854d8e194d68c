// A run that goes on, block by block, until two of its stacks are told apart: where it ends, in which words, and that it does so again after
// it was cut off.
#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "executor_fixture.h"
#include "run/plan.h"

namespace dyno::run {
namespace {

using model::RunState;

constexpr int kConnections = 32;

class ComparisonTest : public ExecutorTest {
 protected:
  ComparisonTest() {
    job_.profile.blocks = 40;
    for (model::ProfilePhase& phase : job_.profile.phases) phase.connections = kConnections;
    job_.profile.startup.warm = 0;
    job_.profile.reverse_alternate_blocks = true;
    job_.request.compare = model::RunComparison{"alpha", "beta"};
    load_.on_call([this](const std::string& call) {
      if (call.starts_with("run_phase closed")) load_.script(next_script());
    });
  }

  // What the next trial's server does: as the test says for its stack and block.
  fakes::LoadScript next_script() {
    const auto started = fakes::events_of<model::TrialStarted>(journal_);
    fakes::LoadScript script;
    script.capacity_per_s = capacity_(started.back().stack, started.back().planned.block);
    // As Little's law has it.
    script.service_time = Nanos(static_cast<std::int64_t>(1e9 * kConnections / script.capacity_per_s));
    return script;
  }

  // All that the journal holds of the run, as the store would give it.
  std::vector<model::Trial> stored_trials() const {
    std::vector<model::Trial> all;
    std::map<std::string, std::size_t> place;
    for (const auto& stored : journal_.events()) {
      if (const auto* const started = std::get_if<model::TrialStarted>(&stored.event)) {
        place[started->trial_id] = all.size();
        model::Trial& trial = all.emplace_back();
        trial.id = started->trial_id;
        trial.index = started->planned.index;
        trial.block = started->planned.block;
        trial.attempt = started->planned.attempt;
        trial.kind = started->planned.kind;
        trial.case_name = started->case_name;
        trial.stack = started->stack;
        trial.started_at = stored.at;
      } else if (const auto* const finished = std::get_if<model::TrialFinished>(&stored.event)) {
        model::Trial& trial = all[place[finished->trial_id]];
        trial.state = finished->state;
        trial.failure = finished->failure;
        trial.readings = finished->readings;
        trial.verdict = finished->verdict;
        trial.finished_at = stored.at;
      }
    }
    return all;
  }
  std::vector<results::TrialMetrics> measured() const {
    std::map<std::string, std::vector<model::PhaseResult>> phases;
    for (const auto& one : fakes::events_of<model::PhaseFinished>(journal_)) phases[one.trial_id].push_back(one.result);
    std::vector<results::TrialMetrics> all;
    for (const model::Trial& trial : stored_trials()) all.push_back(results::contribution_of(trial, phases[trial.id]));
    return all;
  }
  RunPast past() const {
    RunPast past{.run = {}, .trials = stored_trials()};
    if (past.trials.empty()) return past;
    past.run.started_at = past.trials.front().started_at;
    past.run.environment = fakes::events_of<model::EnvironmentRecorded>(journal_).front().environment;
    for (const auto& one : fakes::events_of<model::StackPrepared>(journal_)) past.run.stacks.push_back(one.stack);
    return past;
  }
  RunState execute() {
    Executor executor(
        rig(host_, journal_),
        {.was_verified = [this](const std::string& key) { return verified_.contains(key); },
         .remember_verified = [this](const std::string& key, const std::string&) { verified_.insert(key); },
         .past = [this](const std::string&) { return Result<RunPast>(past()); },
         .measured = [this](const std::string&) { return Result<std::vector<results::TrialMetrics>>(measured()); }});
    return executor.execute(job_, stop_.get_token(), [this] { return draining_; }).state;
  }
  std::vector<model::ComparisonLooked> looks() const { return fakes::events_of<model::ComparisonLooked>(journal_); }

  std::function<double(const std::string&, int)> capacity_ = [](const std::string& stack, int) {
    return stack == "alpha" ? 10000 : 9000;
  };
};

// Which of two equal ones is faster changes from block to block, by far more than the band.
double undecidable(const std::string& stack, int block) {
  return stack == "alpha" ? 10000 : (block % 2 == 0 ? 13000 : 7700);
}

TEST_F(ComparisonTest, EndsWhenAllIsDecided) {
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(last_reason(), "decided after 10 of at most 40 blocks");
  EXPECT_EQ(trials().size(), 20U);
  ASSERT_EQ(looks().size(), 1U);
  EXPECT_TRUE(looks().front().undecided.empty());
  EXPECT_GT(looks().front().decided, 1);
  expect_clean();
}

TEST_F(ComparisonTest, GoesOnToTheLastBlockWhereSomethingStaysOpen) {
  capacity_ = undecidable;
  job_.profile.blocks = 14;
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(trials().size(), 28U);
  ASSERT_EQ(looks().size(), 3U);
  EXPECT_EQ(looks().back().blocks, 14);
  EXPECT_TRUE(last_reason().starts_with("ended after 14 blocks: ")) << last_reason();
  EXPECT_NE(last_reason().find("; undecided: Throughput of json/c32"), std::string::npos) << last_reason();
}

TEST_F(ComparisonTest, EndsWithinTheTime) {
  capacity_ = undecidable;
  job_.profile.blocks = 20;
  job_.request.compare->within = make_plan(job_.stacks, job_.profile, {}, 1).expected * 3 / 5;
  const MonotonicTime begin = clock_.now();
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_LE(clock_.now() - begin, *job_.request.compare->within);
  EXPECT_GT(trials().size(), 16U);
  EXPECT_LT(trials().size(), 36U);
  EXPECT_EQ(trials().size() % 2, 0U) << "whole blocks";
  EXPECT_NE(last_reason().find(fmt::format(" used up after {} blocks: ", trials().size() / 2)), std::string::npos)
      << last_reason();
  EXPECT_EQ(looks().back().blocks, static_cast<int>(trials().size() / 2));
  expect_clean();
}

// Wherever it is cut off: the decision follows from what is stored.
class CutOffComparisonTest : public ComparisonTest, public testing::WithParamInterface<std::size_t> {};

TEST_P(CutOffComparisonTest, EndsAtTheSameBlock) {
  journal_.on_append([this](const fakes::StoredEvent& stored) {
    if (!std::holds_alternative<model::TrialFinished>(stored.event) || trials().size() != GetParam()) return;
    draining_ = true;
    stop_.request_stop();
  });
  EXPECT_EQ(execute(), RunState::queued);
  journal_.on_append({});
  stop_ = {};
  draining_ = false;
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(last_reason(), "decided after 10 of at most 40 blocks");
  std::size_t good = 0;
  for (const auto& trial : trials()) good += trial.state == model::TrialState::succeeded ? 1 : 0;
  EXPECT_EQ(good, 20U);
}

INSTANTIATE_TEST_SUITE_P(AtTrial, CutOffComparisonTest, testing::Values(1U, 3U, 18U, 19U, 20U));

TEST_F(ComparisonTest, EndsWhereOneSideIsGivenUp) {
  never_ready();
  EXPECT_EQ(execute(), RunState::failed) << last_reason();
  EXPECT_LE(trials().size(), 4U);
  expect_clean();
}

}  // namespace
}  // namespace dyno::run
