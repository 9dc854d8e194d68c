// What puts a run back into the queue: a daemon that stops, an engine or a disk that goes away. And that it ends in order and leaves
// nothing behind, whichever call of the engine or word to the journal fails.
#include <optional>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "executor_fixture.h"

namespace dyno::run {
namespace {

using model::RunState;
using model::TrialFailure;
using model::TrialState;

TEST_F(ExecutorTest, PutsTheRunBackWhenTheDaemonStops) {
  load_.on_call([this](const std::string& call) {
    if (!call.starts_with("run_phase")) return;
    draining_ = true;
    stop_.request_stop();
  });
  EXPECT_EQ(execute(), RunState::queued);
  const auto resumed = fakes::events_of<model::RunResumed>(journal_);
  ASSERT_EQ(resumed.size(), 1U);
  EXPECT_EQ(resumed[0].finished, 0);
  ASSERT_EQ(trials().size(), 1U);
  EXPECT_EQ(trials()[0].state, TrialState::interrupted);
  EXPECT_EQ(trials()[0].failure, model::TrialFailure::none);
  expect_clean();
}

// Issue 16, row N1: whichever call finds nobody there, the run is not lost.
TEST_F(ExecutorTest, PutsTheRunBackWhenTheEngineIsGone) {
  give_service();
  execute();
  const auto calls = static_cast<int>(engine_.calls().size());
  for (int nth = 1; nth <= calls; nth += 29) {
    SCOPED_TRACE(nth);
    fakes::FakeContainerEngine engine;
    engine.add_image("stackdyno/base-node-26");
    engine.add_image("stackdyno/base-debian");
    int call = 0;
    engine.obey([&](const std::string& text) -> std::optional<fakes::EngineFault> {
      if (++call < nth) return std::nullopt;
      return fakes::EngineFault{.pattern = text, .error = {ErrorCode::unavailable, "no socket"}};
    });
    fakes::FakeHost machine(clock_, engine, load_, sampler_);
    fakes::MemoryJournal journal;
    const auto state = Executor(rig(machine, journal)).execute(job_, {}, [] { return false; }).state;
    if (state == RunState::succeeded) continue;  // only its clean-up was left to do
    EXPECT_EQ(state, RunState::queued);
    const auto resumed = fakes::events_of<model::RunResumed>(journal);
    ASSERT_EQ(resumed.size(), 1U);
    EXPECT_TRUE(resumed[0].reason.starts_with("the container engine went away: ")) << resumed[0].reason;
    for (const auto& trial : fakes::events_of<model::TrialFinished>(journal)) {
      const bool is_kept = trial.state == TrialState::succeeded || trial.state == TrialState::interrupted;
      EXPECT_TRUE(is_kept) << to_string(trial.state) << ": " << trial.reason;
    }
  }
}

TEST_F(ExecutorTest, CancelsARunThoughTheEngineIsGone) {
  engine_.on_call([this](const std::string& call) {
    if (call.starts_with("create_network")) stop_.request_stop();
  });
  engine_.add_fault({.pattern = "create_network", .error = {ErrorCode::unavailable, "no socket"}});
  EXPECT_EQ(execute(), RunState::cancelled);
  EXPECT_EQ(last_reason(), "cancelled on request");
}

// Issue 16, row N4: the word is given on, and nothing here waits.
TEST_F(ExecutorTest, RowN4_GivesOnTheEndThatAFullDiskDoesNotTake) {
  engine_.add_fault({.pattern = "describe", .error = {ErrorCode::unavailable, "no socket"}});
  journal_.fail_append(2, {ErrorCode::storage, "the disk is full"});
  Executor executor = new_executor();
  const Executed done = executor.execute(job_, {}, [] { return false; });
  EXPECT_EQ(done.state, RunState::queued);
  ASSERT_TRUE(done.untold);
  const auto* const resumed = std::get_if<model::RunResumed>(&*done.untold);
  ASSERT_NE(resumed, nullptr);
  EXPECT_TRUE(resumed->reason.starts_with("the container engine went away")) << resumed->reason;
}

// Row N6: a run that meets the floor is put back, with all that it has measured.
TEST_F(ExecutorTest, RowN6_PausesWhereTheDiskHasTooLittleRoomLeft) {
  journal_.on_append([this](const fakes::StoredEvent& stored) {
    if (std::holds_alternative<model::TrialFinished>(stored.event)) no_room_ = "1.8 MiB free";
  });
  EXPECT_EQ(execute(), RunState::queued);
  ASSERT_EQ(trials().size(), 1U);
  EXPECT_EQ(trials()[0].state, TrialState::succeeded);
  const auto resumed = fakes::events_of<model::RunResumed>(journal_);
  ASSERT_EQ(resumed.size(), 1U);
  EXPECT_EQ(resumed[0].reason, "paused: 1.8 MiB free");
  EXPECT_EQ(resumed[0].finished, 1);
  expect_clean();
}

// An engine that is started again ends what it runs, and is back before anybody has asked it anything.
TEST_F(ExecutorTest, PutsTheRunBackWhenTheEngineEndedItsContainers) {
  load_.fail_phases("", {ports::LoadFault::broken, "no answer"});
  for (const int code : {0, 137, 143}) {
    load_.on_call([this, code](const std::string& call) {
      if (!call.starts_with("run_phase")) return;
      for (const auto& c : engine_.containers()) engine_.exit_container(c.spec.name, code);
    });
    EXPECT_EQ(execute(), RunState::queued) << code;
    EXPECT_EQ(trials().back().state, TrialState::interrupted);
    EXPECT_EQ(trials().back().failure, TrialFailure::engine_lost);
    expect_clean();
  }
}

// Issue 16, row N3: no trial is measured beside what one before it left.
TEST_F(ExecutorTest, MeasuresNothingBesideAContainerThatCannotBeRemoved) {
  engine_.add_fault({.pattern = "remove_container dyno-instance-6c1d8e44-t0-app", .error = {ErrorCode::io, "busy"}});
  EXPECT_EQ(execute(), RunState::queued);
  EXPECT_EQ(trials().size(), 1U);
  EXPECT_NE(fakes::events_of<model::RunResumed>(journal_).back().reason.find(
                "t0-app of an earlier trial cannot be removed: busy"),
            std::string::npos);
}

TEST_F(ExecutorTest, RemovesBeforeATrialWhatTheOneBeforeCouldNot) {
  engine_.add_fault(
      {.pattern = "remove_container dyno-instance-6c1d8e44-t0-app", .error = {ErrorCode::io, "busy"}, .times = 1});
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  expect_clean();
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
    const RunState state = Executor(rig(machine, journal)).execute(job_, {}, [] { return false; }).state;
    EXPECT_TRUE(is_terminal(state));
    EXPECT_EQ(sampler_.live(), 0);
    // A removal that failed is the sweep's to repeat; everything else is gone.
    const bool was_removal = engine.calls()[static_cast<std::size_t>(nth) - 1].starts_with("remove_");
    EXPECT_TRUE(engine.is_empty() || was_removal);
  }
}

class FailingJournal : public ExecutorTest {
 protected:
  // A run whose nth event is not stored; nothing is left of it.
  Executed execute_without(int nth, const Error& error, fakes::MemoryJournal& journal) {
    fakes::FakeContainerEngine engine;
    engine.add_image("stackdyno/base-node-26");
    journal.fail_append(nth, error);
    fakes::FakeHost machine = host(engine);
    Executed done = Executor(rig(machine, journal)).execute(job_, {}, [] { return false; });
    EXPECT_TRUE(engine.is_empty());
    EXPECT_EQ(sampler_.live(), 0);
    return done;
  }
  int count_events() {
    execute();
    return static_cast<int>(journal_.events().size());
  }
};

// Issue 16, row N4: whichever word the disk does not take, the run goes on with the trial that it was about, and none is lost or half told.
TEST_F(FailingJournal, RowN4_GoesOnLaterWhicheverEventCannotBeStored) {
  const int appends = count_events();
  for (int nth = 1; nth <= appends; ++nth) {
    SCOPED_TRACE(nth);
    fakes::MemoryJournal journal;
    const Executed done = execute_without(nth, {ErrorCode::storage, "the disk is full"}, journal);
    if (nth == appends) {
      EXPECT_EQ(done.state, RunState::succeeded);
      ASSERT_TRUE(done.untold);
      EXPECT_TRUE(std::holds_alternative<model::RunStateChanged>(*done.untold));
      continue;
    }
    EXPECT_EQ(done.state, RunState::queued);
    EXPECT_FALSE(done.untold) << "there was room again";
    const auto all = journal.events();
    const auto* const resumed = std::get_if<model::RunResumed>(&all.back().event);
    ASSERT_NE(resumed, nullptr);
    int finished = 0;
    std::string open;
    for (const auto& stored : all) {
      if (const auto* const begun = std::get_if<model::TrialStarted>(&stored.event)) open = begun->trial_id;
      if (const auto* const ended = std::get_if<model::TrialFinished>(&stored.event)) {
        EXPECT_EQ(ended->trial_id, open) << "no end without a beginning";
        if (model::is_result(ended->state)) ++finished;
        open.clear();
      }
    }
    EXPECT_EQ(resumed->finished, finished);
  }
}

TEST_F(FailingJournal, EndsWhicheverAppendOfTheJournalFails) {
  const int appends = count_events();
  for (int nth = 1; nth <= appends; ++nth) {
    SCOPED_TRACE(nth);
    fakes::MemoryJournal journal;
    const RunState state = execute_without(nth, {ErrorCode::io, "disk full"}, journal).state;
    EXPECT_EQ(state, nth == appends ? RunState::succeeded : RunState::failed);
    if (nth == appends) continue;  // it was the end itself
    ASSERT_FALSE(journal.events().empty());
    const auto all = journal.events();
    const auto* last = std::get_if<model::RunStateChanged>(&all.back().event);
    ASSERT_NE(last, nullptr);
    EXPECT_EQ(last->state, state);
  }
}

}  // namespace
}  // namespace dyno::run
