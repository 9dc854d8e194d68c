#include "run/executor.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "fakes/contract_stack.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_container_engine.h"
#include "fakes/fake_load_driver.h"
#include "fakes/fake_sampler.h"
#include "fakes/memory_journal.h"
#include "run/images.h"

namespace dyno::run {
namespace {

using model::RunState;
using model::TrialFailure;
using model::TrialState;

model::Stack stack(const std::string& name) {
  model::Stack s;
  s.name = name;
  s.hash = "sha256:" + name;
  s.folder = "/stacks/" + name;
  s.offered_modes = {model::Mode::single};
  s.workloads = {model::Workload::json, model::Workload::plaintext};
  s.build.base = {{"RUN_IMAGE", "node:26-slim", "stackdyno/base-node-26"}};
  s.run.command = {"serve"};
  s.readiness.deep_path = "/ready";
  return s;
}

model::Profile profile() {
  model::Profile p;
  p.name = "test";
  p.blocks = 2;
  p.startup.warm = 2;
  p.order = model::OrderKind::listed;
  p.reverse_alternate_blocks = false;
  model::ProfilePhase closed;
  closed.name = "json/c32";
  closed.as = "json_cap";
  model::ProfilePhase open = closed;
  open.name = "json/c32/r60%json_cap";
  open.as.clear();
  open.loop = model::Loop::open;
  open.rate = model::ShareOfCap{0.6, "json_cap"};
  p.phases = {closed, open};
  return p;
}

// Asked for by alpha alone.
model::Service store() {
  model::Service s;
  s.name = "store";
  s.hash = "sha256:store";
  s.folder = "/services/store";
  s.build.base = {{"BASE_IMAGE", "store:1", "stackdyno/base-debian"}};
  s.run.command = {"-c", "quiet=on"};
  s.run.user = "keeper";
  s.run.env = {{"ROWS", "{users}"}, {"KIND", "{variant}"}};
  s.run.secrets = {"PASSWORD"};
  s.limits.memory = mib(512);
  s.folders = {{"/data", mib(256)}};
  s.shared_memory = mib(64);
  s.ready = {{"is-ready"}, std::chrono::seconds(5)};
  s.reset = {{"reset", "all"}, std::chrono::seconds(5)};
  s.app_env = {{"STORE_URL", "store://me:{PASSWORD}@{address}/"}, {"BENCH_STORE_CONNECTIONS", "{connections}"}};
  return s;
}

class ExecutorTest : public testing::Test {
 protected:
  ExecutorTest() {
    engine_.add_image("stackdyno/base-node-26");
    answer_by_contract({});
    job_.run_id = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
    job_.stacks = {stack("alpha"), stack("beta")};
    job_.profile = profile();
    job_.request.seed = 42;
  }

  Executor new_executor() {
    return {Rig{.clock = clock_,
                .engine = engine_,
                .load = load_,
                .sampler = sampler_,
                .journal = journal_,
                .instance = "instance",
                .exec_program = "/opt/dyno-exec",
                .cpus = {0, 1},
                .host_facts = [] { return std::vector<model::Fact>{}; },
                .own_cpu = [] { return Nanos(0); }},
            std::string(64, 'a')};
  }
  RunState execute() {
    Executor executor = new_executor();
    return execute(executor);
  }
  RunState execute(Executor& executor) {
    return executor.execute(job_, stop_.get_token(), [this] { return draining_; });
  }

  void answer_by_contract(const fakes::Spoil& spoil) {
    load_.answer_by([this, spoil](const ports::Exchange& exchange) {
      return fakes::answer_rightly(exchange, clock_.wall_now(), spoil);
    });
  }
  void give_service() {
    engine_.add_image("stackdyno/base-debian");
    job_.services = {store()};
    job_.stacks[0].services["store"] = {};
    job_.profile.database = model::DatabaseRequest{12, 100000, "odd"};
  }
  int count_calls(const std::string& begin) const {
    int count = 0;
    for (const std::string& call : engine_.calls()) count += call.starts_with(begin) ? 1 : 0;
    return count;
  }
  // What the service's commands answer; others end well.
  void service_answers(const std::string& command, const ports::ExecOutcome& outcome) {
    engine_.on_exec([command, outcome](const fakes::FakeContainer&, const std::vector<std::string>& words) {
      return words.front() == command ? outcome : ports::ExecOutcome{};
    });
  }
  void never_ready() {
    fakes::LoadScript script;
    script.connected_after.reset();
    script.good_after.reset();
    script.deep_after.reset();
    load_.script(script);
  }

  std::vector<RunState> states() const {
    std::vector<RunState> found;
    for (const auto& e : fakes::events_of<model::RunStateChanged>(journal_)) found.push_back(e.state);
    return found;
  }
  std::vector<model::TrialFinished> trials() const { return fakes::events_of<model::TrialFinished>(journal_); }
  std::vector<model::PhaseResult> phases() const {
    std::vector<model::PhaseResult> found;
    for (const auto& e : fakes::events_of<model::PhaseFinished>(journal_)) found.push_back(e.result);
    return found;
  }
  std::string last_reason() const { return fakes::events_of<model::RunStateChanged>(journal_).back().reason; }
  void expect_clean() const {
    EXPECT_TRUE(engine_.is_empty());
    EXPECT_EQ(sampler_.live(), 0);
  }

  fakes::FakeClock clock_;
  fakes::FakeContainerEngine engine_;
  fakes::FakeLoadDriver load_{clock_};
  fakes::FakeSampler sampler_{clock_};
  fakes::MemoryJournal journal_;
  std::stop_source stop_;
  bool draining_ = false;
  Job job_;
};

TEST_F(ExecutorTest, WalksARunThroughItsStatesAndLeavesNothingBehind) {
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(states(), (std::vector<RunState>{RunState::acquiring, RunState::preparing, RunState::running,
                                             RunState::collecting, RunState::analyzing, RunState::succeeded}));
  // Two blocks of two cases, and two extra starts of each case.
  ASSERT_EQ(trials().size(), 8U);
  for (const auto& t : trials()) EXPECT_EQ(t.state, TrialState::succeeded) << t.reason;
  EXPECT_EQ(phases().size(), 8U);
  expect_clean();
}

TEST_F(ExecutorTest, TellsTheStepsOfATrialInOrder) {
  execute();
  std::vector<std::string> steps;
  for (const auto& e : fakes::events_of<model::TrialStepped>(journal_)) {
    if (e.progress.case_name == "alpha/single" && steps.size() < 7)
      steps.push_back(std::string(to_string(e.step)) + (e.phase.empty() ? "" : " " + e.phase));
  }
  EXPECT_EQ(steps, (std::vector<std::string>{"starting", "idle", "verifying", "loading json/c32",
                                             "loading json/c32/r60%json_cap", "retaining", "stopping"}));
}

TEST_F(ExecutorTest, EvictsTheImageBeforeEveryCacheColdStart) {
  job_.profile.startup.warm = 0;
  job_.profile.startup.cache_cold = 2;
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  int evictions = 0;
  const auto calls = engine_.calls();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!calls[i].starts_with("evict_image")) continue;
    ++evictions;
    ASSERT_LT(i + 1, calls.size());
    EXPECT_TRUE(calls[i + 1].starts_with("create_container")) << calls[i + 1];
  }
  EXPECT_EQ(evictions, 4);
  int cold = 0;
  for (const auto& e : fakes::events_of<model::StartupMeasured>(journal_))
    cold += e.marks.kind == model::StartKind::cache_cold ? 1 : 0;
  EXPECT_EQ(cold, 4);
}

TEST_F(ExecutorTest, AStartThatIsNotColdFailsAloneAndIsNotTriedAgain) {
  job_.profile.startup.warm = 0;
  job_.profile.startup.cache_cold = 8;
  engine_.keep_cached(mib(20));  // of 50
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  int good = 0;
  int not_evicted = 0;
  for (const auto& t : trials()) {
    good += t.state == TrialState::succeeded ? 1 : 0;
    not_evicted += t.failure == model::TrialFailure::not_evicted ? 1 : 0;
  }
  EXPECT_EQ(good, 4);  // all load trials
  EXPECT_EQ(not_evicted, 2);
  EXPECT_THAT(last_reason(), testing::HasSubstr("the page cache kept 20.0 MiB of the image's 50.0 MiB"));
  expect_clean();
}

TEST_F(ExecutorTest, ResolvesAShareOfTheCapWithinTheTrial) {
  execute();
  ASSERT_GE(load_.phases().size(), 2U);
  EXPECT_EQ(load_.phases()[1].loop, model::Loop::open);
  EXPECT_NEAR(load_.phases()[1].rate.per_s, 6'000, 1);
}

TEST_F(ExecutorTest, LoadsWithTheBodiesThatVerificationFoundRight) {
  execute();
  ASSERT_FALSE(load_.phases().empty());
  ASSERT_FALSE(load_.phases()[0].requests.empty());
  EXPECT_EQ(load_.phases()[0].requests[0].accepted_bodies, std::vector<std::string>{R"({"message":"Hello, World!"})"});
}

TEST_F(ExecutorTest, VerifiesAnImageInFullOnceForTheSameWorkloads) {
  job_.stacks.resize(1);
  job_.profile.blocks = 1;
  Executor executor = new_executor();
  const auto exchanges = [&] {
    const auto before = load_.calls().size();
    EXPECT_EQ(execute(executor), RunState::succeeded) << last_reason();
    int found = 0;
    const auto calls = load_.calls();
    for (std::size_t i = before; i < calls.size(); ++i) {
      if (calls[i].starts_with("exchange ")) found += std::stoi(calls[i].substr(9));
    }
    return found;
  };
  const int full = exchanges();
  const int again = exchanges();
  EXPECT_LT(again, full);
  job_.profile.phases[1].workload = model::Workload::plaintext;
  job_.profile.phases[1].loop = model::Loop::closed;
  EXPECT_GT(exchanges(), full);  // what plaintext was never asked is asked now
}

TEST_F(ExecutorTest, PinsAppAndLoaderToDifferentCpus) {
  execute();
  EXPECT_EQ(load_.phases()[0].cpus, std::vector<int>{0});
  std::string cpuset;
  engine_.on_started([&](const fakes::FakeContainer& c) {
    if (c.spec.labels.at("stackdyno.role") == "app") cpuset = c.spec.cpuset;
  });
  execute();
  EXPECT_EQ(cpuset, "1");
}

TEST_F(ExecutorTest, ReadsTheExecStampFromTheAppsOutput) {
  engine_.on_started([this](const fakes::FakeContainer& c) {
    if (c.spec.labels.at("stackdyno.role") == "app")
      engine_.set_log(c.spec.name, "stackdyno-exec monotonic_ns=" + std::to_string(to_ns(clock_.now())) + "\nhi\n");
  });
  execute();
  const auto starts = fakes::events_of<model::StartupMeasured>(journal_);
  ASSERT_EQ(starts.size(), 8U);
  ASSERT_TRUE(starts[0].marks.exec);
  ASSERT_TRUE(starts[0].marks.first_good);
  EXPECT_GT(*starts[0].marks.first_good, *starts[0].marks.exec);
}

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

TEST_F(ExecutorTest, TellsTheRuntimesVersionAsTheBaseImageTellsIt) {
  struct Row {
    const char* what;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> env;
    const char* version;
  };
  const Row rows[] = {{"a stand-in", {{"stackdyno.version", "26.10.0"}}, {}, "26.10.0"},
                      {"an official image", {}, {{"NODE_VERSION", "26.9.1"}, {"YARN_VERSION", "1"}}, "26.9.1"},
                      {"another runtime's variable", {}, {{"GOLANG_VERSION", "1.26"}}, ""}};
  for (const Row& row : rows) {
    fakes::FakeContainerEngine engine;
    engine.add_image("stackdyno/base-node-26",
                     {.id = {}, .size = mib(50), .labels = row.labels, .repo_digests = {}, .env = row.env});
    model::Stack node = stack("alpha");
    node.runtime = model::Runtime::node;
    const Rig rig{.clock = clock_,
                  .engine = engine,
                  .load = load_,
                  .sampler = sampler_,
                  .journal = journal_,
                  .instance = "instance",
                  .exec_program = "/opt/dyno-exec",
                  .cpus = {0, 1},
                  .host_facts = [] { return std::vector<model::Fact>{}; },
                  .own_cpu = [] { return Nanos(0); }};
    const auto prepared = prepare_image(rig, node, {});
    ASSERT_TRUE(prepared) << row.what;
    EXPECT_EQ(prepared->reported_version, row.version) << row.what;
  }
}

TEST_F(ExecutorTest, KeepsTheTimelineUpToTheReadingOfTheMemoryRetained) {
  execute();
  MonotonicTime window_end{};
  int retained = 0;
  for (const auto& stored : journal_.events()) {
    if (const auto* phase = std::get_if<model::PhaseFinished>(&stored.event)) window_end = phase->result.window_end;
    const auto* memory = std::get_if<model::MemoryMeasured>(&stored.event);
    if (memory == nullptr) continue;
    EXPECT_EQ(memory->samples.empty(), memory->moment == model::MemoryMoment::idle);
    if (memory->samples.empty()) continue;
    EXPECT_GE(memory->samples.front().at, window_end);
    ++retained;
  }
  EXPECT_GT(retained, 0);
}

TEST_F(ExecutorTest, ReusesAnImageOfTheSameContent) {
  execute();
  const auto first = fakes::events_of<model::StackPrepared>(journal_);
  execute();
  const auto all = fakes::events_of<model::StackPrepared>(journal_);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_TRUE(first[0].stack.build);
  EXPECT_FALSE(all[2].stack.build);
  EXPECT_EQ(all[2].stack.image_id, first[0].stack.image_id);
  EXPECT_EQ(all[2].stack.base_kind, "stand_in");
}

TEST_F(ExecutorTest, FailsATrialThatNeverGetsReadyWithItsLastOutput) {
  never_ready();
  engine_.on_started([this](const fakes::FakeContainer& c) { engine_.set_log(c.spec.name, "still thinking\n"); });
  EXPECT_EQ(execute(), RunState::failed);
  ASSERT_FALSE(trials().empty());
  EXPECT_EQ(trials()[0].failure, TrialFailure::never_ready);
  EXPECT_EQ(trials()[0].reason,
            "/health did not answer 2xx on port 8080 within 60.0 s; last attempt: connect: Connection refused");
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

// ---- services ----

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

TEST_F(ExecutorTest, FailsTheRunWhenAServiceIsNeverReady) {
  give_service();
  service_answers("is-ready", {2, "connection refused\n"});
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(last_reason(), "the service store: not ready within 5.00 s: exit code 2: connection refused");
  EXPECT_TRUE(trials().empty());
  expect_clean();
}

TEST_F(ExecutorTest, FailsTheRunWhenAServiceCannotBeBuilt) {
  give_service();
  engine_.add_fault({.pattern = "build_image stackdyno/store", .error = {ErrorCode::internal, "no initdb"}});
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(last_reason(), "preparing the service store: build_failed: no initdb");
  expect_clean();
}

TEST_F(ExecutorTest, FailsATrialWhoseResetFailsAndMeasuresTheOthers) {
  give_service();
  service_answers("reset", {1, "rows of users: 3, not 10000\n"});
  EXPECT_EQ(execute(), RunState::succeeded) << "beta did not ask for it";
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
  EXPECT_NEAR(alpha.metrics.at("service_cpu_cores"), 0.3, 0.01);
  EXPECT_NEAR(alpha.metrics.at("app_cpu_cores"), 0.5, 0.01);
  EXPECT_DOUBLE_EQ(alpha.metrics.at("service_private_peak_bytes"), static_cast<double>(mib(77).value));
  EXPECT_EQ(phases()[2].metrics.count("service_cpu_cores"), 0U) << "beta asked for none";
  expect_clean();
}

TEST_F(ExecutorTest, SaysWhichPhasesAStackDoesNotOffer) {
  job_.profile.phases[1].workload = model::Workload::users;
  job_.profile.phases[1].name = "users/c8";
  job_.profile.phases[1].loop = model::Loop::closed;
  job_.stacks.resize(1);
  job_.profile.blocks = 1;
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  ASSERT_EQ(phases().size(), 2U);
  EXPECT_EQ(phases()[0].phase, "users/c8");
  EXPECT_EQ(phases()[0].absent.at("throughput_per_s"), "the stack does not offer users");
  EXPECT_TRUE(phases()[0].metrics.empty());
  EXPECT_EQ(phases()[1].phase, "json/c32");
}

TEST_F(ExecutorTest, LoadsAStackWithWorkBesideItsPhase) {
  job_.profile.phases[1].beside = model::BesideLoad{model::Workload::plaintext, 4, {}};
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_TRUE(load_.phases()[0].beside.empty());
  ASSERT_EQ(load_.phases()[1].beside.size(), 1U);
  const ports::LoadSpec beside = load_.phases()[1].beside[0];
  EXPECT_EQ(beside.connections, 4);
  EXPECT_EQ(beside.requests[0].target, "/plaintext");
  EXPECT_EQ(beside.loop, model::Loop::closed);
  EXPECT_TRUE(load_.phases()[1].shares_cpus) << "a loader that spins would leave the other no CPU";
  EXPECT_DOUBLE_EQ(phases()[1].metrics.at("beside_per_s"), 100);
  EXPECT_EQ(phases()[0].metrics.count("beside_per_s"), 0U);
}

TEST_F(ExecutorTest, LetsAServiceAnswerBesideALoaderThatWaits) {
  give_service();
  execute();
  EXPECT_FALSE(load_.phases()[0].shares_cpus) << "json needs no service";
  job_.services[0].workloads = {model::Workload::json};
  const auto before = load_.phases().size();
  execute();
  EXPECT_TRUE(load_.phases()[before].shares_cpus);
  EXPECT_FALSE(load_.phases()[before + 2].shares_cpus) << "beta has no service";
}

// A service with commands for verification, and a stack that asks it: users by their name, one read each.
class VerifiedServiceTest : public ExecutorTest {
 protected:
  VerifiedServiceTest() {
    give_service();
    const auto command = [](const char* word) { return model::ServiceCommand{{word}, std::chrono::seconds(5)}; };
    job_.services[0].verification = {.watch = command("watch"),
                                     .audit = command("audit"),
                                     .change = command("change"),
                                     .read = command("read"),
                                     .restore = command("restore"),
                                     .fail = command("fail"),
                                     .stall = command("stall"),
                                     .recover = command("recover")};
    job_.services[0].workloads = {model::Workload::users};
    job_.stacks.resize(1);
    job_.stacks[0].workloads = {model::Workload::users};
    job_.profile.phases.resize(1);
    job_.profile.phases[0].workload = model::Workload::users;
    job_.profile.phases[0].name = "users/c32";
    job_.profile.blocks = 1;
    engine_.on_exec([this](const fakes::FakeContainer&, const std::vector<std::string>& words) {
      commands_.push_back(words.front());
      return run(words);
    });
    answer_by_contract([this](const std::string& target, ports::Answer& answer) { answer_as_stack(target, answer); });
    load_.on_call([this](const std::string& call) {
      if (call.starts_with("run_phase")) reads_ += 30'000 * reads_a_request_;
    });
    fakes::LoadScript script;
    script.service_time = std::chrono::microseconds(3200);  // 10 000/s over 32 connections
    load_.script(script);
  }

  ports::ExecOutcome run(const std::vector<std::string>& words) {
    const std::string& word = words.front();
    if (word == "watch") reads_ = 0;
    if (word == "change") names_[words.at(2)] = words.at(3);
    if (word == "fail" || word == "stall") away_ = true;
    if (word == "recover") away_ = false;
    if (word != "audit") return {};
    return {0, fmt::format("read users {} {}\nconnections {}\n", reads_, reads_, connections_)};
  }
  void answer_as_stack(const std::string& target, ports::Answer& answer) {
    if (target == "/ready" && away_) answer.status = 503;
    if (!target.starts_with("/users/") || answer.status != 200) return;
    const std::string id = target.substr(7);
    const auto set = [&](std::string body) {
      answer.body = std::move(body);
      answer.headers[1].second = std::to_string(answer.body.size());
    };
    if (away_) {
      answer.status = 503;
      return set(fmt::format(R"({{"error":"{}"}})", error_));
    }
    reads_ += reads_a_request_;
    if (names_.contains(id) && !keeps_)
      set(fmt::format(R"({{"id":{},"name":"{}","email":"user{}@example.com"}})", id, names_[id], id));
  }
  int count(const std::string& word) const {
    return static_cast<int>(std::count(commands_.begin(), commands_.end(), word));
  }

  std::vector<std::string> commands_;
  std::map<std::string, std::string> names_;
  std::int64_t reads_ = 0;
  bool away_ = false;
  // how the stack cheats
  std::int64_t reads_a_request_ = 1;
  int connections_ = 12;
  bool keeps_ = false;
  std::string error_ = "Service unavailable";
};

TEST_F(VerifiedServiceTest, LooksBehindAStackOnceForEachImage) {
  job_.profile.blocks = 2;
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(count("change"), 2) << "once there, once back";
  EXPECT_EQ(count("watch"), 3) << "in full verification, and before each phase of two trials";
  EXPECT_EQ(count("audit"), 3);
  EXPECT_EQ(count("fail"), 1);
  EXPECT_EQ(count("stall"), 1);
  EXPECT_EQ(count("recover"), 2);
  for (const auto& phase : phases()) EXPECT_EQ(phase.verdict.validity, model::Validity::valid);
  expect_clean();
}

TEST_F(VerifiedServiceTest, TakesTheDatabaseAwayOnlyAfterAllMeasurements) {
  bool measured = false;
  load_.on_call([&](const std::string& call) {
    reads_ += call.starts_with("run_phase") ? 30'000 : 0;
    measured = measured || call.starts_with("run_phase");
  });
  engine_.on_exec([&](const fakes::FakeContainer&, const std::vector<std::string>& words) {
    EXPECT_TRUE(measured || (words.front() != "fail" && words.front() != "stall"));
    return run(words);
  });
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
}

TEST_F(VerifiedServiceTest, FindsAStackThatKeepsRows) {
  keeps_ = true;
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_body);
  EXPECT_THAT(trials()[0].reason, testing::HasSubstr("users: a row that has just been changed"));
  EXPECT_EQ(count("change") % 2, 0) << "taken back all the same";
  EXPECT_TRUE(phases().empty());
}

TEST_F(VerifiedServiceTest, FindsAStackThatAsksMoreThanItMust) {
  reads_a_request_ = 2;
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_queries);
  EXPECT_EQ(
      trials()[0].reason,
      "users: statements a request: expected 1 reads of users for each of 512 requests, got 1024, 2.00 a request");
}

TEST_F(VerifiedServiceTest, FindsAStackThatHoldsTooManyConnections) {
  connections_ = 13;
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_queries);
  EXPECT_EQ(trials()[0].reason, "users: connections: expected at most 12 to store, got 13");
}

TEST_F(VerifiedServiceTest, FindsAStackThatSaysWhyItsDatabaseFails) {
  error_ = "store://me:secret is gone";
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_body);
  EXPECT_THAT(trials()[0].reason, testing::HasSubstr("the database is gone: expected GET /users/"));
  EXPECT_FALSE(away_) << "the next trial needs the service";
}

TEST_F(VerifiedServiceTest, DoesNotCountAPhaseThatWasAnsweredFromMemory) {
  load_.on_call([](const std::string&) {});  // no read under load
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  ASSERT_EQ(phases().size(), 1U);
  EXPECT_EQ(phases()[0].verdict.validity, model::Validity::invalid);
  const auto gates = phases()[0].verdict.gates;
  const auto found = std::find_if(gates.begin(), gates.end(), [](const auto& g) { return g.gate == "statements"; });
  ASSERT_NE(found, gates.end());
  EXPECT_EQ(found->validity, model::Validity::invalid);
  EXPECT_THAT(found->text, testing::HasSubstr("store counted 0, 0.00 a request"));
}

TEST_F(VerifiedServiceTest, GivesTheDatabaseBackWhenItIsCancelledMeanwhile) {
  engine_.on_exec([this](const fakes::FakeContainer&, const std::vector<std::string>& words) {
    if (words.front() == "fail") stop_.request_stop();
    return run(words);
  });
  EXPECT_EQ(execute(), RunState::cancelled);
  EXPECT_FALSE(away_);
  expect_clean();
}

TEST_F(ExecutorTest, EndsTheRunWhenAServiceIsGone) {
  give_service();
  load_.on_call([this](const std::string& call) {
    if (call.starts_with("run_phase")) engine_.exit_container("dyno-instance-6c1d8e44-store", 137, true);
  });
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials().back().failure, TrialFailure::service_lost);
  EXPECT_EQ(last_reason().find("service store: it ended with exit code 137 (killed for memory)"), 0U) << last_reason();
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
    Rig rig{.clock = clock_,
            .engine = engine,
            .load = load_,
            .sampler = sampler_,
            .journal = journal,
            .instance = "instance",
            .exec_program = "/opt/dyno-exec",
            .cpus = {0, 1},
            .host_facts = [] { return std::vector<model::Fact>{}; },
            .own_cpu = [] { return Nanos(0); }};
    const RunState state = Executor(std::move(rig), std::string(64, 'a')).execute(job_, {}, [] { return false; });
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
    Rig rig{.clock = clock_,
            .engine = engine,
            .load = load_,
            .sampler = sampler_,
            .journal = journal,
            .instance = "instance",
            .exec_program = "/opt/dyno-exec",
            .cpus = {0, 1},
            .host_facts = [] { return std::vector<model::Fact>{}; },
            .own_cpu = [] { return Nanos(0); }};
    const RunState state = Executor(std::move(rig), std::string(64, 'a')).execute(job_, {}, [] { return false; });
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
