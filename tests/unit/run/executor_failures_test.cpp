// What a run records and leaves behind when something breaks.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "executor_fixture.h"

namespace dyno::run {
namespace {

using model::RunState;
using model::TrialFailure;
using model::TrialState;

// Issue 14, row 14.
TEST_F(ExecutorTest, Row14SucceededMeansThatEveryStackHasResults) {
  int failures = 0;
  answer_by_contract([&failures](const std::string& target, ports::Answer& answer) {
    if (target == "/json" && failures++ == 0) answer.body = R"({"message":"Hello, Mars!!"})";
  });
  EXPECT_EQ(execute(), RunState::succeeded) << "one trial failed, but each stack has another";
}

TEST_F(ExecutorTest, RecordsAStackThatCannotBeBuiltAndRunsTheOthers) {
  engine_.add_fault(
      {.pattern = "build_image stackdyno/alpha", .error = {ErrorCode::invalid_argument, "step 3: npm ci failed"}});
  EXPECT_EQ(execute(), RunState::partly);
  EXPECT_NE(last_reason().find("npm ci failed"), std::string::npos);
  EXPECT_EQ(trials().size(), 4U);
  expect_clean();
}

// Issue 14, row 19.
TEST_F(ExecutorTest, Row19KeepsTheWholeLogOfABuildAndSaysWhereItIs) {
  std::vector<std::string> lines{"main.c:7: error: no such type"};
  for (int i = 0; i < 400; ++i) lines.push_back("noise " + std::to_string(i));
  engine_.set_build_lines(lines);
  engine_.add_fault({.pattern = "build_image stackdyno/alpha",
                     .error = {ErrorCode::invalid_argument, "Step 1/1 : FROM scratch: code 2\n  noise 399"}});
  EXPECT_EQ(execute(), RunState::partly);
  const auto prepared = fakes::events_of<model::StackPrepared>(journal_);
  ASSERT_EQ(prepared.size(), 2U);
  EXPECT_EQ(prepared[0].stack.failure,
            "build_failed: Step 1/1 : FROM scratch: code 2 (whole log: dyno runs log 6c1d8e44 alpha)\n  noise 399");
  const auto builds = fakes::events_of<model::BuildLogged>(journal_);
  ASSERT_EQ(builds.size(), 2U);
  EXPECT_EQ(builds[0].build.name, "alpha");
  EXPECT_EQ(builds[0].build.state, model::BuildState::failed);
  EXPECT_EQ(builds[0].build.step, "Step 1/1 : FROM scratch");
  EXPECT_EQ(builds[0].log.lines, 403);
  const std::string text = text_of(builds[0].log);
  EXPECT_TRUE(text.starts_with("Step 1/1 : FROM scratch\nmain.c:7: error: no such type\nnoise 0\n")) << text;
  EXPECT_TRUE(text.ends_with("noise 399\nStep 1/1 : FROM scratch: code 2\n")) << text;
  EXPECT_EQ(builds[1].build.name, "beta");
  EXPECT_EQ(builds[1].build.state, model::BuildState::succeeded);
  execute();
  EXPECT_EQ(fakes::events_of<model::BuildLogged>(journal_).size(), 3U) << "beta was there already";
}

TEST_F(ExecutorTest, SaysWhatToDoWhenABaseImageIsMissing) {
  job_.stacks[0].build.base[0] = {"RUN_IMAGE", "python:3.14", "stackdyno/base-python"};
  EXPECT_EQ(execute(), RunState::partly);
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

// Issue 14, row 10. The name server of the engine listens in every container.
TEST_F(ExecutorTest, Row10SaysOnWhichPortAServerListensInstead) {
  never_ready();
  struct Row {
    std::vector<ports::Listener> listeners;
    TrialFailure failure;
    std::string reason;
  };
  const std::string refused =
      "/health did not answer 2xx on port 8080 within 1 min; last attempt: connect: Connection refused";
  const Row rows[] = {
      {{{"127.0.0.11", 41234}, {"::", 3000}},
       TrialFailure::port_mismatch,
       "it listens on port 3000, not on 8080 (PORT)"},
      {{{"0.0.0.0", 3000}, {"127.0.0.1", 9229}},
       TrialFailure::port_mismatch,
       "it listens on ports 3000, 9229, not on 8080 (PORT)"},
      {{{"127.0.0.1", 8080}}, TrialFailure::never_ready, refused + "; it listens on 127.0.0.1 only, not on 0.0.0.0"},
      {{{"127.0.0.11", 41234}}, TrialFailure::never_ready, refused},
  };
  for (const Row& row : rows) {
    sampler_.listen(row.listeners);
    EXPECT_EQ(execute(), RunState::failed);
    EXPECT_EQ(trials().back().failure, row.failure);
    EXPECT_EQ(trials().back().reason, row.reason);
  }
  expect_clean();
}

// Issue 14, row 10.
TEST_F(ExecutorTest, Row10TellsAStallFromADripAndFromErrors) {
  struct Row {
    std::int64_t received;
    model::ErrorCounts errors;
    TrialFailure failure;
    std::string reason;
  };
  model::ErrorCounts timeouts;
  timeouts.timeout = 32;
  model::ErrorCounts wrong = timeouts;
  wrong.bad_status = 8;
  const Row rows[] = {
      {0, {}, TrialFailure::hung, "json/c32: not one byte of an answer within 3.00 s"},
      {0, timeouts, TrialFailure::hung, "json/c32: not one byte of an answer within 3.00 s"},
      {640, {}, TrialFailure::slow_drip, "json/c32: answers began and none ended within 3.00 s (640 B received)"},
      {640, timeouts, TrialFailure::slow_drip, "json/c32: answers began and none ended within 3.00 s (640 B received)"},
      {640, wrong, TrialFailure::too_many_errors, "json/c32: no good answer (40 errors)"},
  };
  for (const Row& row : rows) {
    fakes::LoadScript script;
    script.capacity_per_s = 0;
    script.errors = row.errors;
    script.unfinished_bytes = row.received;
    load_.script(script);
    EXPECT_EQ(execute(), RunState::failed);
    EXPECT_EQ(trials().back().failure, row.failure) << row.reason;
    EXPECT_EQ(trials().back().reason, row.reason);
  }
  expect_clean();
}

// Issue 14, row 10.
TEST_F(ExecutorTest, Row10AnAppWithoutProcessesLeftOrWithAFloodOfOutputIsMarked) {
  fakes::SamplingScript script;
  script.pids = {64, 64, 7};
  sampler_.script(script);
  engine_.on_started([this](const fakes::FakeContainer& c) {
    if (c.spec.labels.at("stackdyno.role") == "app") engine_.set_log(c.spec.name, std::string(2 << 20, 'x'));
  });
  EXPECT_EQ(execute(), RunState::succeeded);
  for (const auto& phase : phases()) {
    std::map<model::GateName, std::string> said;
    for (const auto& gate : phase.verdict.gates) said[gate.gate] = gate.text;
    EXPECT_EQ(said[model::GateName::pids_exhausted],
              "The app had 64 of 64 processes and threads, and was refused 0 more.")
        << "those of before the phase are not counted";
    EXPECT_EQ(said[model::GateName::log_flood],
              "The app wrote 2.00 MiB of output or more during the phase (limit 512 KiB).");
  }
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

// The kernel shows a process that has ended in the root cgroup, a moment before the engine knows that it has.
TEST_F(ExecutorTest, AServerThatEndsJustBeforeItIsSampledIsNotTheEnginesFault) {
  fakes::SamplingScript script;
  script.start_error = Error{ErrorCode::not_found, "the process has ended, or is in no cgroup of its own (memory)"};
  sampler_.script(script);
  int looks = 0;
  engine_.on_call([&](const std::string& call) {
    if (!call.starts_with("inspect_container") || sampler_.started().empty() || ++looks != 4) return;
    for (const auto& c : engine_.containers()) {
      if (c.spec.labels.at("stackdyno.role") == "app") engine_.exit_container(c.spec.name, 3);
    }
  });
  execute();
  EXPECT_EQ(trials()[0].failure, TrialFailure::crashed) << trials()[0].reason;
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

TEST_F(ExecutorTest, ExpectsNoTimeForTheTrialsOfAStackThatWasGivenUp) {
  job_.profile.blocks = 6;
  job_.profile.startup.warm = 0;
  answer_by_contract({});
  engine_.add_fault(
      {.pattern = "create_container dyno-instance-6c1d8e44-t0-app", .error = {ErrorCode::conflict, "no"}});
  engine_.add_fault(
      {.pattern = "create_container dyno-instance-6c1d8e44-t2-app", .error = {ErrorCode::conflict, "no"}});
  const WallTime begin = clock_.wall_now();
  EXPECT_EQ(execute(), RunState::partly);
  ASSERT_EQ(trials().size(), 8U) << "two of alpha, six of beta";
  // Once the second trial of beta begins, four and this one are left, of one length each.
  std::optional<WallTime> eta;
  WallTime end = begin;
  for (const auto& recorded : journal_.events()) {
    end = recorded.at;
    const auto* const step = std::get_if<model::TrialStepped>(&recorded.event);
    if (step != nullptr && step->trial_id == trials()[3].trial_id && !eta) eta = step->progress.eta_at;
  }
  ASSERT_TRUE(eta);
  EXPECT_NEAR(std::chrono::duration<double>(*eta - begin).count(), std::chrono::duration<double>(end - begin).count(),
              0.25 * std::chrono::duration<double>(end - begin).count());
}

TEST_F(ExecutorTest, GivesUpAStackThatFailedTwiceInARow) {
  job_.profile.blocks = 5;
  job_.stacks.pop_back();
  never_ready();
  execute();
  EXPECT_EQ(trials().size(), 2U);
}

// What each of these did says nothing about the stack: the trial is lost, the stack is not, and the next trial is made.
TEST_F(ExecutorTest, NeverGivesUpAStackForFaultsThatAreNotItsOwn) {
  struct Row {
    const char* what;
    TrialFailure failure;
    const char* reason;
    std::function<void(ExecutorTest&, fakes::FakeContainerEngine&, fakes::FakeLoadDriver&)> plant;
  };
  const auto of_role = [](fakes::FakeContainerEngine& engine, const std::string& role,
                          const std::function<void(const std::string& name)>& act) {
    for (const auto& c : engine.containers()) {
      if (c.spec.labels.at("stackdyno.role") == role) act(c.spec.name);
    }
  };
  const std::vector<Row> rows{
      {"a sandbox without an address", TrialFailure::sandbox_lost, "without an address",
       [](auto&, auto& engine, auto&) { engine.no_address("sandbox"); }},
      {"a sandbox that cannot be made", TrialFailure::sandbox_lost, "planted",
       [](auto&, auto& engine, auto&) {
         engine.add_fault(
             {.pattern = "create_container dyno-instance-6c1d8e44-t", .error = {ErrorCode::io, "planted"}});
       }},
      {"an engine that fails to start the app", TrialFailure::engine_lost, "planted",
       [](auto&, auto& engine, auto&) {
         for (const char* trial : {"t0", "t1", "t2", "t3"}) {
           engine.add_fault({.pattern = std::string("start_container dyno-instance-6c1d8e44-") + trial + "-app",
                             .error = {ErrorCode::io, "planted"}});
         }
       }},
      {"an image that somebody removed", TrialFailure::interfered, "no such image",
       [](auto&, auto& engine, auto&) {
         for (const char* trial : {"t0", "t1", "t2", "t3"}) {
           engine.add_fault({.pattern = std::string("create_container dyno-instance-6c1d8e44-") + trial + "-app",
                             .error = {ErrorCode::not_found, "no such image"}});
         }
       }},
      {"a sandbox that is killed under load", TrialFailure::sandbox_lost, "with exit code 137",
       [&](auto&, auto& engine, auto& load) {
         load.fail_phases("", {ports::LoadFault::broken, "entering the network namespace"});
         load.on_call([&](const std::string& call) {
           if (call.starts_with("run_phase"))
             of_role(engine, "sandbox", [&](const std::string& name) { engine.exit_container(name, 137); });
         });
       }},
      {"an app that somebody paused", TrialFailure::interfered, "was paused by somebody else",
       [&](auto&, auto& engine, auto& load) {
         load.fail_phases("", {ports::LoadFault::broken, "no answer"});
         load.on_call([&](const std::string& call) {
           if (call.starts_with("run_phase"))
             of_role(engine, "app", [&](const std::string& name) { engine.pause_container(name); });
         });
       }},
      {"a loader that fell silent", TrialFailure::loader_failed, "it was stopped by a signal",
       [](auto&, auto&, auto& load) {
         load.fail_phases("", {ports::LoadFault::broken, "no word from dyno-load in time: it was stopped by a signal"});
       }},
      {"a loader that got no CPU", TrialFailure::loader_failed, "no phase could be measured",
       [](auto&, auto&, auto& load) {
         load.fail_phases("", {ports::LoadFault::starved, "the load generator did not get its CPU"});
       }},
      {"a loader without descriptors", TrialFailure::loader_failed, "descriptors are needed",
       [](auto&, auto&, auto& load) {
         load.fail_calls("exchange", {ErrorCode::exhausted, "96 descriptors are needed and the limit is 64"});
       }},
      {"a probe that cannot be started", TrialFailure::loader_failed, "no such file",
       [](auto&, auto&, auto& load) {
         load.fail_calls("start_probe", {ErrorCode::unavailable, "starting the probe: no such file"});
       }},
  };
  job_.profile.blocks = 4;
  job_.profile.startup.warm = 0;
  job_.stacks.pop_back();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    fakes::FakeContainerEngine engine;
    engine.add_image("stackdyno/base-node-26");
    fakes::FakeLoadDriver load(clock_);
    load.answer_by([this](const ports::Exchange& exchange) {
      return fakes::answer_rightly(exchange, clock_.wall_now(), fakes::Spoil{});
    });
    row.plant(*this, engine, load);
    fakes::FakeHost machine(clock_, engine, load, sampler_);
    fakes::MemoryJournal journal;
    EXPECT_EQ(Executor(rig(machine, journal)).execute(job_, {}, [] { return false; }).state, RunState::failed);
    const auto finished = fakes::events_of<model::TrialFinished>(journal);
    EXPECT_EQ(finished.size(), 4U) << "every planned trial is made";
    for (const auto& trial : finished) {
      EXPECT_EQ(trial.failure, row.failure) << trial.reason;
      EXPECT_NE(trial.reason.find(row.reason), std::string::npos) << trial.reason;
      EXPECT_NE(model::blame_of(trial.failure), model::Blame::stack);
    }
    EXPECT_TRUE(engine.is_empty());
  }
}

TEST_F(ExecutorTest, SaysWhoTookTheAppAwayDuringAPhase) {
  const auto text_after = [this](const std::function<void(const fakes::FakeContainer&)>& act) {
    load_.on_call([this, act](const std::string& call) {
      if (!call.starts_with("run_phase")) return;
      for (const auto& c : engine_.containers()) act(c);
    });
    const std::size_t before = phases().size();
    execute();
    const auto all = phases();
    if (all.size() == before) return std::string("no phase");
    for (const auto& gate : all[before].verdict.gates) {
      if (gate.gate == model::GateName::app_lost) return gate.text;
    }
    return std::string("nothing");
  };
  const auto is = [](const fakes::FakeContainer& c, const char* role) {
    return c.spec.labels.at("stackdyno.role") == role;
  };
  EXPECT_EQ(text_after([&](const auto& c) {
              if (is(c, "app")) engine_.exit_container(c.spec.name, 1);
            }),
            "The app's container ended during the phase.");
  EXPECT_EQ(text_after([&](const auto& c) {
              if (is(c, "app")) engine_.pause_container(c.spec.name);
            }),
            "The app was lost during the phase: the app's container was paused by somebody else.");
  EXPECT_EQ(
      text_after([&](const auto& c) {
        if (is(c, "sandbox")) engine_.exit_container(c.spec.name, 137);
      }),
      "The app was lost during the phase: the sandbox that holds the app's network is exited with exit code 137.");
}

TEST_F(ExecutorTest, LeavesAPhaseEmptyThatTheLoaderHadNoCpuForAndMeasuresTheOthers) {
  load_.fail_phases("open", {ports::LoadFault::starved, "the load generator did not get its CPU"});
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  ASSERT_GE(phases().size(), 2U);
  EXPECT_TRUE(model::value_of(phases()[0].readings, model::MetricName::throughput_per_s));
  EXPECT_EQ(absence_of(phases()[1].readings, model::MetricName::throughput_per_s),
            "the load generator did not get its CPU");
}

TEST_F(ExecutorTest, DoesNotBlameAStackForAnErrorOfTheEngineWhileItBuilds) {
  engine_.add_fault({.pattern = "build_image stackdyno/alpha", .error = {ErrorCode::io, "layer does not exist"}});
  EXPECT_EQ(execute(), RunState::partly);
  EXPECT_NE(last_reason().find("alpha: engine_lost: layer does not exist"), std::string::npos) << last_reason();
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
  load_.fail_phases("closed /json", {ports::LoadFault::refused, "only 3 of 32 connections were accepted"});
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
  load_.fail_phases("", {ports::LoadFault::refused, "only 3 of 32 connections were accepted"});
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

}  // namespace
}  // namespace dyno::run
