// A service beside the stacks: started once, reset before each trial, sampled apart.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "executor_fixture.h"

namespace dyno::run {
namespace {

TEST_F(ExecutorTest, DoesNotTakeProbeAndServicesForOthersDuringAStart) {
  give_service();
  fakes::LoadScript script;
  script.good_after = script.deep_after = std::chrono::seconds(2);
  script.probe_cores = 0.3;
  load_.script(script);
  sampler_.host(0.9, 0);
  execute();
  const auto finished = trials();
  ASSERT_GE(finished.size(), 2U);
  EXPECT_TRUE(finished[0].verdict.gates.empty()) << "0.3 of a core by the probe, 0.5 by the service of alpha";
  ASSERT_EQ(finished[1].verdict.gates.size(), 1U) << "beta has no service, so that 0.6 are not known";
  EXPECT_EQ(finished[1].verdict.gates[0].text,
            "Other processes used 0.60 cores during the start (limit 0.25 of a core).");
}

using model::RunState;
using model::TrialFailure;

TEST_F(ExecutorTest, StartsAServiceOnceAndResetsItBeforeEachTrialThatAskedForIt) {
  give_service();
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(count_calls("start_container dyno-instance-6c1d8e44-store"), 1);
  EXPECT_EQ(count_calls("exec dyno-instance-6c1d8e44-store is-ready"), 1);
  EXPECT_EQ(count_calls("exec dyno-instance-6c1d8e44-store reset all"), 4);  // of eight trials, alpha's
  const auto resets = fakes::events_of<model::ServiceReset>(journal_);
  ASSERT_EQ(resets.size(), 4U);
  EXPECT_EQ(resets[0].service, "store");
  EXPECT_EQ(resets[0].trial_id, trials()[0].trial_id);
  expect_clean();
}

TEST_F(ExecutorTest, StartsAServiceAsItIsDescribedBesideTheLoader) {
  give_service();
  std::optional<ports::ContainerSpec> spec;
  engine_.on_started([&](const fakes::FakeContainer& c) {
    if (c.spec.labels.at("stackdyno.role") == "service") spec = c.spec;
  });
  execute();
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->user, "keeper");
  EXPECT_EQ(spec->command, (std::vector<std::string>{"-c", "quiet=on"}));
  EXPECT_EQ(spec->cpuset, "0");
  EXPECT_EQ(spec->memory, mib(512));
  EXPECT_EQ(spec->shared_memory, mib(64));
  ASSERT_EQ(spec->folders.size(), 1U);
  EXPECT_EQ(spec->folders[0].path, "/data");
  EXPECT_EQ(spec->folders[0].size, mib(256));
  EXPECT_EQ(spec->env.at("ROWS"), "100000");
  EXPECT_EQ(spec->env.at("KIND"), "odd");
  EXPECT_GE(spec->env.at("PASSWORD").size(), 32U);
  EXPECT_EQ(spec->labels.at("stackdyno.run"), job_.run_id);
}

TEST_F(ExecutorTest, TellsOnlyAppsThatAskedForItWhereTheServiceIs) {
  give_service();
  std::map<std::string, std::string> service;
  std::vector<std::map<std::string, std::string>> apps;
  engine_.on_started([&](const fakes::FakeContainer& c) {
    const std::string& role = c.spec.labels.at("stackdyno.role");
    if (role == "service") service = {{"password", c.spec.env.at("PASSWORD")}, {"address", c.status.address}};
    if (role == "app") apps.push_back(c.spec.env);
  });
  execute();
  ASSERT_GE(apps.size(), 2U);
  EXPECT_EQ(apps[0].at("STORE_URL"), "store://me:" + service["password"] + "@" + service["address"] + "/");
  EXPECT_EQ(apps[0].at("BENCH_STORE_CONNECTIONS"), "12");
  EXPECT_FALSE(apps[1].contains("STORE_URL"));
}

TEST_F(ExecutorTest, RecordsWhatTheServiceIsMadeOf) {
  give_service();
  execute();
  const auto prepared = fakes::events_of<model::ServicePrepared>(journal_);
  ASSERT_EQ(prepared.size(), 1U);
  EXPECT_EQ(prepared[0].base_kind, "stand_in");
  const auto recorded = fakes::events_of<model::EnvironmentRecorded>(journal_);
  ASSERT_EQ(recorded.size(), 2U);
  std::map<std::string, std::string> facts;
  for (const auto& fact : recorded[1].environment.facts) facts[fact.name] = fact.value;
  EXPECT_EQ(facts["service_store_image"], prepared[0].image_id);
  EXPECT_EQ(facts["service_store_base_kind"], "stand_in");
  EXPECT_NE(recorded[0].environment.key, recorded[1].environment.key);
  EXPECT_EQ(recorded[0].warnings.size(), recorded[1].warnings.size());
}

TEST_F(ExecutorTest, AsksAServiceUntilItIsReady) {
  give_service();
  int asked = 0;
  engine_.on_exec([&asked](const fakes::FakeContainer&, const std::vector<std::string>& words) {
    return ports::ExecOutcome{words.front() == "is-ready" && ++asked < 4 ? 1 : 0, ""};
  });
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(asked, 4);
}

TEST_F(ExecutorTest, CancelsWhileAServiceGetsReady) {
  give_service();
  engine_.on_exec([this](const fakes::FakeContainer&, const std::vector<std::string>&) {
    stop_.request_stop();
    return ports::ExecOutcome{1, "not yet"};
  });
  EXPECT_EQ(execute(), RunState::cancelled);
  EXPECT_EQ(last_reason(), "cancelled on request");
  expect_clean();
}

TEST_F(ExecutorTest, MeasuresTheOthersWhenAServiceIsNeverReady) {
  give_service();
  service_answers("is-ready", {2, "connection refused\n"});
  EXPECT_EQ(execute(), RunState::partly);
  EXPECT_EQ(last_reason(), "alpha: the service store: not ready within 5.00 s: exit code 2: connection refused");
  EXPECT_THAT(trials(), testing::AllOf(
                            testing::SizeIs(4),
                            testing::Each(testing::Field(&model::TrialFinished::state, model::TrialState::succeeded))));
  expect_clean();
}

TEST_F(ExecutorTest, FailsTheRunWhenNoStackHasItsServices) {
  give_service();
  job_.stacks[1].services["store"] = {};
  service_answers("is-ready", {2, "connection refused\n"});
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(last_reason(), "the service store: not ready within 5.00 s: exit code 2: connection refused");
  EXPECT_TRUE(trials().empty());
  expect_clean();
}

TEST_F(ExecutorTest, MeasuresTheOthersWhenAServiceCannotBeBuilt) {
  give_service();
  engine_.add_fault({.pattern = "build_image stackdyno/store", .error = {ErrorCode::invalid_argument, "no initdb"}});
  EXPECT_EQ(execute(), RunState::partly);
  EXPECT_EQ(last_reason(),
            "alpha: preparing the service store: build_failed: no initdb (whole log: dyno runs log 6c1d8e44 store)");
  EXPECT_EQ(trials().size(), 4U) << "those of beta";
  const auto builds = fakes::events_of<model::BuildLogged>(journal_);
  ASSERT_FALSE(builds.empty());
  EXPECT_EQ(builds.back().build.owner, model::ImageOwner::service);
  EXPECT_EQ(builds.back().build.state, model::BuildState::failed);
  expect_clean();
}

TEST_F(ExecutorTest, FailsATrialWhoseResetFailsAndMeasuresTheOthers) {
  give_service();
  service_answers("reset", {1, "rows of users: 3, not 10000\n"});
  EXPECT_EQ(execute(), RunState::partly) << "beta did not ask for it";
  EXPECT_EQ(trials()[0].failure, TrialFailure::service_lost);
  EXPECT_EQ(trials()[0].reason, "service store: the reset failed: exit code 1: rows of users: 3, not 10000");
  expect_clean();
}

TEST_F(ExecutorTest, SamplesAServiceOfTheTrialApartFromTheApp) {
  give_service();
  engine_.on_started([this](const fakes::FakeContainer& c) {
    fakes::SamplingScript script;
    script.cores = 0.3;
    script.memory.private_bytes = mib(77);
    if (c.spec.labels.at("stackdyno.role") == "service") sampler_.script_pid(c.status.pid, script);
  });
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  ASSERT_EQ(phases().size(), 8U);
  const model::PhaseResult alpha = phases()[0];
  EXPECT_NEAR(value_of(alpha.readings, model::MetricName::service_cpu_cores).value_or(-1), 0.3, 0.01);
  EXPECT_NEAR(value_of(alpha.readings, model::MetricName::app_cpu_cores).value_or(-1), 0.5, 0.01);
  EXPECT_DOUBLE_EQ(value_of(alpha.readings, model::MetricName::service_private_peak_bytes).value_or(-1),
                   static_cast<double>(mib(77).value));
  EXPECT_FALSE(value_of(phases()[2].readings, model::MetricName::service_cpu_cores)) << "beta asked for none";
  expect_clean();
}

TEST_F(ExecutorTest, LetsAServiceAnswerBesideALoaderThatWaits) {
  give_service();
  job_.services[0].workloads = {"users"};
  execute();
  EXPECT_FALSE(load_.phases()[0].shares_cpus) << "json needs no service";
  job_.services[0].workloads = {"json"};
  const auto before = load_.phases().size();
  execute();
  EXPECT_TRUE(load_.phases()[before].shares_cpus);
  EXPECT_FALSE(load_.phases()[before + 2].shares_cpus) << "beta has no service";
}

TEST_F(ExecutorTest, StartsAServiceThatEndedAnew) {
  give_service();
  bool is_first = true;
  load_.on_call([&](const std::string& call) {
    if (call.starts_with("run_phase") && std::exchange(is_first, false))
      engine_.exit_container("dyno-instance-6c1d8e44-store", 137, true);
  });
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(trials()[0].failure, TrialFailure::service_lost);
  EXPECT_EQ(trials()[0].reason.find("service store: it ended with exit code 137 (killed for memory)"), 0U);
  EXPECT_EQ(count_calls("create_container dyno-instance-6c1d8e44-store"), 2);
  EXPECT_EQ(trials().size(), 8U);
  expect_clean();
}

TEST_F(ExecutorTest, GivesUpAServiceThatEndsAgainAndAgain) {
  give_service();
  job_.profile.blocks = 6;
  load_.on_call([this](const std::string& call) {
    if (call.starts_with("run_phase")) engine_.exit_container("dyno-instance-6c1d8e44-store", 137, true);
  });
  EXPECT_EQ(execute(), RunState::partly) << last_reason();
  EXPECT_EQ(count_calls("create_container dyno-instance-6c1d8e44-store"), 3);
  EXPECT_EQ(trials().size(), 11U) << "three of alpha, all of beta";
  EXPECT_THAT(last_reason(),
              testing::AllOf(testing::StartsWith("alpha: the service store: it ended with exit code 137"),
                             testing::HasSubstr("; it was started 3 times")));
  expect_clean();
}

}  // namespace
}  // namespace dyno::run
