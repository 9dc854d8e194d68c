// What a run records and leaves behind when something breaks.
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "executor_fixture.h"

namespace dyno::run {
namespace {

using model::RunState;
using model::TrialFailure;
using model::TrialState;

TEST_F(ExecutorTest, RecordsAStackThatCannotBeBuiltAndRunsTheOthers) {
  engine_.add_fault(
      {.pattern = "build_image stackdyno/alpha", .error = {ErrorCode::internal, "step 3: npm ci failed"}});
  EXPECT_EQ(execute(), RunState::succeeded);
  EXPECT_NE(last_reason().find("npm ci failed"), std::string::npos);
  EXPECT_EQ(trials().size(), 4U);
  expect_clean();
}

TEST_F(ExecutorTest, SaysWhatToDoWhenABaseImageIsMissing) {
  job_.stacks[0].build.base[0] = {"RUN_IMAGE", "python:3.14", "stackdyno/base-python"};
  EXPECT_EQ(execute(), RunState::succeeded);
  EXPECT_NE(last_reason().find("run `make setup`"), std::string::npos);
}

TEST_F(ExecutorTest, FailsATrialThatNeverGetsReadyWithItsLastOutput) {
  never_ready();
  engine_.on_started([this](const fakes::FakeContainer& c) { engine_.set_log(c.spec.name, "still thinking\n"); });
  EXPECT_EQ(execute(), RunState::failed);
  ASSERT_FALSE(trials().empty());
  EXPECT_EQ(trials()[0].failure, TrialFailure::never_ready);
  EXPECT_EQ(trials()[0].reason,
            "/health did not answer 2xx on port 8080 within 1 min; last attempt: connect: Connection refused");
  EXPECT_EQ(trials()[0].last_output, "still thinking\n");
  expect_clean();
}

TEST_F(ExecutorTest, FailsATrialWhoseServerEndsBeforeItIsReady) {
  never_ready();
  engine_.on_started([this](const fakes::FakeContainer& c) {
    if (c.spec.labels.at("stackdyno.role") == "app") engine_.exit_container(c.spec.name, 3);
  });
  execute();
  EXPECT_EQ(trials()[0].failure, TrialFailure::crashed);
  EXPECT_EQ(trials()[0].reason, "the server ended with exit code 3");
  expect_clean();
}

TEST_F(ExecutorTest, FailsAStackThatAnswersWrongBytesAndSaysWhich) {
  answer_by_contract([](const std::string& target, ports::Answer& answer) {
    if (target == "/json") answer.body = R"({"message":"Hello, Mars!!"})";
  });
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_body);
  EXPECT_NE(trials()[0].reason.find("Mars"), std::string::npos) << trials()[0].reason;
  EXPECT_TRUE(phases().empty());
  expect_clean();
}

TEST_F(ExecutorTest, GivesUpAStackThatFailedTwiceInARow) {
  job_.profile.blocks = 5;
  job_.stacks.pop_back();
  never_ready();
  execute();
  EXPECT_EQ(trials().size(), 2U);
}

TEST_F(ExecutorTest, RecordsAServerThatIsKilledDuringAPhaseAndGoesOn) {
  fakes::LoadScript script;
  script.capacity_per_s = 0;
  load_.script(script);
  load_.on_call([this](const std::string& call) {
    if (!call.starts_with("run_phase")) return;
    for (const auto& c : engine_.containers()) {
      if (c.spec.labels.at("stackdyno.role") == "app") engine_.exit_container(c.spec.name, 137);
    }
  });
  EXPECT_EQ(execute(), RunState::failed);
  ASSERT_FALSE(trials().empty());
  EXPECT_EQ(trials()[0].failure, TrialFailure::crashed);
  EXPECT_EQ(trials()[0].reason, "the server ended with exit code 137");
  // It was noticed within the phase, not at its end.
  EXPECT_EQ(trials()[1].failure, TrialFailure::crashed);
  expect_clean();
}

TEST_F(ExecutorTest, LeavesOutAPhaseWhoseConnectionsTheStackDoesNotTakeAndMeasuresTheOthers) {
  job_.profile.phases.push_back(job_.profile.phases[0]);
  job_.profile.phases[2].name = "plaintext/c32";
  job_.profile.phases[2].as.clear();
  job_.profile.phases[2].workload = "plaintext";
  load_.fail_calls("run_phase closed /json", {ErrorCode::unavailable, "only 3 of 32 connections were accepted"});
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  ASSERT_EQ(phases().size(), 12U);
  EXPECT_EQ(absence_of(phases()[0].readings, model::MetricName::throughput_per_s),
            "only 3 of 32 connections were accepted");
  EXPECT_EQ(absence_of(phases()[1].readings, model::MetricName::throughput_per_s),
            "the rate depends on json_cap, which was not measured");
  EXPECT_TRUE(value_of(phases()[2].readings, model::MetricName::throughput_per_s));
  for (const auto& trial : trials()) EXPECT_EQ(trial.state, TrialState::succeeded);
  expect_clean();
}

TEST_F(ExecutorTest, FailsATrialOfWhichNoPhaseCouldBeMeasured) {
  load_.fail_calls("run_phase", {ErrorCode::unavailable, "only 3 of 32 connections were accepted"});
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::hung);
  EXPECT_EQ(trials()[0].reason, "no phase could be measured: the rate depends on json_cap, which was not measured");
  expect_clean();
}

TEST_F(ExecutorTest, MarksAPhaseWithErrorsInvalidAndKeepsItsNumbers) {
  fakes::LoadScript script;
  script.errors.bad_status = 500;
  load_.script(script);
  EXPECT_EQ(execute(), RunState::succeeded);
  ASSERT_FALSE(phases().empty());
  EXPECT_EQ(phases()[0].verdict.validity, model::Validity::invalid);
  EXPECT_EQ(phases()[0].good, 30'000);
}

TEST_F(ExecutorTest, CancelsWithinAPhaseAndCleansUp) {
  load_.on_call([this](const std::string& call) {
    if (call.starts_with("run_phase")) stop_.request_stop();
  });
  EXPECT_EQ(execute(), RunState::cancelled);
  ASSERT_EQ(trials().size(), 1U);
  EXPECT_EQ(trials()[0].state, TrialState::cancelled);
  expect_clean();
}

TEST_F(ExecutorTest, RecordsAnInterruptionWhenTheDaemonStops) {
  draining_ = true;
  stop_.request_stop();
  EXPECT_EQ(execute(), RunState::interrupted);
  expect_clean();
}

TEST_F(ExecutorTest, FailsWhenTheEngineIsGone) {
  engine_.add_fault({.pattern = "describe", .error = {ErrorCode::unavailable, "no socket"}});
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(last_reason(), "the container engine: no socket");
}

// Whatever call of the engine fails, the run ends in a terminal state and nothing is left behind.
TEST_F(ExecutorTest, EndsAndCleansUpWhicheverCallOfTheEngineFails) {
  give_service();
  execute();
  const auto calls = static_cast<int>(engine_.calls().size());
  ASSERT_GT(calls, 30);
  for (int nth = 1; nth <= calls; ++nth) {
    SCOPED_TRACE(nth);
    fakes::FakeContainerEngine engine;
    engine.add_image("stackdyno/base-node-26");
    engine.add_image("stackdyno/base-debian");
    engine.fail_call(nth, {ErrorCode::internal, "planted"});
    fakes::MemoryJournal journal;
    fakes::FakeHost machine = host(engine);
    const RunState state = Executor(rig(machine, journal)).execute(job_, {}, [] { return false; });
    EXPECT_TRUE(is_terminal(state));
    EXPECT_EQ(sampler_.live(), 0);
    // A removal that failed is the sweep's to repeat; everything else is gone.
    const bool was_removal = engine.calls()[static_cast<std::size_t>(nth) - 1].starts_with("remove_");
    EXPECT_TRUE(engine.is_empty() || was_removal);
  }
}

TEST_F(ExecutorTest, EndsWhicheverAppendOfTheJournalFails) {
  execute();
  const auto appends = static_cast<int>(journal_.events().size());
  for (int nth = 1; nth <= appends; ++nth) {
    SCOPED_TRACE(nth);
    fakes::FakeContainerEngine engine;
    engine.add_image("stackdyno/base-node-26");
    fakes::MemoryJournal journal;
    journal.fail_append(nth, {ErrorCode::io, "disk full"});
    fakes::FakeHost machine = host(engine);
    const RunState state = Executor(rig(machine, journal)).execute(job_, {}, [] { return false; });
    EXPECT_EQ(state, nth == appends ? RunState::succeeded : RunState::failed);
    EXPECT_TRUE(engine.is_empty());
    // The end is written all the same, as soon as the journal takes it.
    ASSERT_FALSE(journal.events().empty());
    const auto all = journal.events();
    const auto* last = std::get_if<model::RunStateChanged>(&all.back().event);
    ASSERT_NE(last, nullptr);
    EXPECT_EQ(last->state, state);
  }
}

}  // namespace
}  // namespace dyno::run
