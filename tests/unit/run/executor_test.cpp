// What a run does, in which order, and what it writes down.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "executor_fixture.h"
#include "run/images.h"

namespace dyno::run {
namespace {

using model::RunState;
using model::TrialState;

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

TEST_F(ExecutorTest, TellsTheTrialsOwnReadingsOnceAtItsEnd) {
  using M = model::MetricName;
  sampler_.host(0, 0);  // the fake app has used nothing when its sampling begins
  execute();
  ASSERT_EQ(trials().size(), 8U);
  int loads = 0;
  for (const auto& t : trials()) {
    EXPECT_TRUE(value_of(t.readings, M::startup_ns)) << absence_of(t.readings, M::startup_ns);
    EXPECT_THAT(absence_of(t.readings, M::app_startup_ns), testing::HasSubstr("process start"))
        << "the fake sandbox prints none";
    EXPECT_TRUE(value_of(t.readings, M::stop_ns));
    const bool at_rest = value_of(t.readings, M::idle_pss_bytes).has_value();
    EXPECT_EQ(at_rest, value_of(t.readings, M::retained_private_bytes).has_value());
    EXPECT_EQ(at_rest, find_reading(t.readings, M::idle_pss_bytes) != nullptr) << "extra starts have no such row";
    EXPECT_TRUE(t.verdict.gates.empty()) << t.verdict.gates[0].text;
    loads += at_rest ? 1 : 0;
  }
  EXPECT_EQ(loads, 4);
}

TEST_F(ExecutorTest, StrikesOutTheTimesOfAMachineWhoseCpusWereTakenAndNotItsMemory) {
  using M = model::MetricName;
  sampler_.host(0, 1.5);
  execute();
  ASSERT_FALSE(phases().empty());
  EXPECT_EQ(find_reading(phases()[0].readings, M::throughput_per_s)->validity, model::Validity::invalid);
  EXPECT_EQ(find_reading(phases()[0].readings, M::loaded_private_peak_bytes)->validity, model::Validity::valid);
  ASSERT_FALSE(trials().empty());
  const auto own = trials()[0].readings;
  EXPECT_EQ(find_reading(own, M::startup_ns)->validity, model::Validity::invalid);
  EXPECT_EQ(find_reading(own, M::startup_ns)->gates, (std::vector{model::GateName::start_steal}));
  EXPECT_EQ(find_reading(own, M::stop_ns)->validity, model::Validity::valid);
}

TEST_F(ExecutorTest, TheTimelineHoldsTheWarmUpAndTheReadingsDoNot) {
  execute();
  const auto finished = fakes::events_of<model::PhaseFinished>(journal_);
  ASSERT_GE(finished.size(), 2U);
  ASSERT_FALSE(finished[0].timeline.empty());
  EXPECT_LT(finished[0].timeline.front().at, finished[0].result.window_begin);
  EXPECT_GE(finished[1].timeline.front().at, finished[0].result.window_end);
}

TEST_F(ExecutorTest, TellsEachSampleOnce) {
  // As with a drain: the phase is told a second after its window has closed.
  host_.control([this](int) -> Result<Nanos> {
    clock_.advance(std::chrono::seconds(1));
    return std::chrono::milliseconds(20);
  });
  job_.profile.startup.warm = 0;
  execute();
  std::map<std::string, std::vector<model::Sample>> told;
  for (const auto& recorded : journal_.events()) {
    const auto take = [&](const std::string& trial, const std::vector<model::Sample>& samples) {
      told[trial].insert(told[trial].end(), samples.begin(), samples.end());
    };
    if (const auto* phase = std::get_if<model::PhaseFinished>(&recorded.event)) take(phase->trial_id, phase->timeline);
    if (const auto* memory = std::get_if<model::MemoryMeasured>(&recorded.event))
      take(memory->trial_id, memory->samples);
  }
  ASSERT_EQ(told.size(), 4U);
  for (const auto& [trial, samples] : told) {
    ASSERT_GT(samples.size(), 50U);
    for (std::size_t i = 1; i < samples.size(); ++i) {
      ASSERT_EQ(samples[i].at - samples[i - 1].at, job_.profile.memory.sample_every) << i;
    }
  }
}

TEST_F(ExecutorTest, SeesOthersDuringAStartUntilItsFirstGoodAnswer) {
  fakes::LoadScript script;
  script.good_after = std::chrono::milliseconds(20);
  script.deep_after = std::chrono::seconds(2);
  load_.script(script);
  sampler_.host(0.9, 0);
  execute();
  ASSERT_FALSE(trials().empty());
  EXPECT_TRUE(trials()[0].verdict.gates.empty()) << "what was used while it awaited its database is no matter";
  script.good_after = std::chrono::seconds(2);
  load_.script(script);
  execute();
  ASSERT_FALSE(trials().back().verdict.gates.empty());
  EXPECT_EQ(trials().back().verdict.gates[0].gate, model::GateName::start_foreign_load);
}

TEST_F(ExecutorTest, VoidsAPhaseDuringWhichTheWallClockMoved) {
  int count = 0;
  load_.on_second([&] {
    if (++count == 3) clock_.set_wall(clock_.wall_now() + std::chrono::seconds(60));
  });
  execute();
  const auto measured = phases();
  ASSERT_GE(measured.size(), 2U);
  const auto is_clock = [](const model::GateResult& said) { return said.gate == model::GateName::clock; };
  const auto& said = measured[0].verdict.gates;
  const auto clock = std::find_if(said.begin(), said.end(), is_clock);
  ASSERT_NE(clock, said.end());
  EXPECT_EQ(clock->validity, model::Validity::invalid);
  EXPECT_EQ(clock->text, "The wall clock moved by 1 min against the monotonic clock during the phase (limit 1.00 s).");
  const auto& next = measured[1].verdict.gates;
  EXPECT_TRUE(std::none_of(next.begin(), next.end(), is_clock));
}

// Issue 16, row N13.
TEST_F(ExecutorTest, RowN13_AClockSetBackTurnsNoTimeOfTheRunRoundAndIsTold) {
  int count = 0;
  load_.on_second([&] {
    if (++count == 3) clock_.set_wall(clock_.wall_now() - std::chrono::hours(1));
  });
  const MonotonicTime begin = clock_.now();
  execute();
  const auto all = journal_.events();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; }));
  EXPECT_EQ(all.back().at - all.front().at, clock_.now() - begin) << "as long as it took";
  const auto recorded = fakes::events_of<model::EnvironmentRecorded>(journal_);
  ASSERT_EQ(recorded.size(), 2U);
  EXPECT_EQ(recorded[1].environment.key, recorded[0].environment.key);
  ASSERT_FALSE(recorded[1].warnings.empty());
  EXPECT_EQ(recorded[1].warnings.back().gate, model::GateName::clock);
  EXPECT_EQ(recorded[1].warnings.back().text,
            "The clock was set back by 1 h during the run. Its times go on as they began.");
}

TEST_F(ExecutorTest, RowN13_ASuspendedMachineIsNoClockThatWasSet) {
  int count = 0;
  load_.on_second([&] {
    if (++count == 3) clock_.suspend(std::chrono::hours(1));
  });
  execute();
  EXPECT_EQ(fakes::events_of<model::EnvironmentRecorded>(journal_).size(), 1U);
}

TEST_F(ExecutorTest, AsksForTheStolenTimeOfTheCpusInUse) {
  host_.topology(fakes::flat_topology(4));
  job_.profile.placement = {.automatic = false, .stack_cpus = 1, .load_cpus = 1, .database_shared_with_load = true};
  execute();
  EXPECT_THAT(sampler_.host_cpus(), testing::UnorderedElementsAre(0, 1)) << "those that the gate divides by";
}

TEST_F(ExecutorTest, ReadsThePeakOfMemoryAtTheEndOfTheWindow) {
  load_.on_drain([this] {
    fakes::SamplingScript later;
    later.memory.cgroup_peak = mib(900);
    sampler_.script(later);
  });
  job_.stacks.pop_back();
  job_.profile.blocks = 1;
  execute();
  ASSERT_FALSE(phases().empty());
  EXPECT_EQ(value_of(phases()[0].readings, model::MetricName::loaded_cgroup_peak_bytes), mib(60).value);
}

// Issue 14, row 45.
TEST_F(ExecutorTest, Row45TellsNoPeakThatTheKernelCannotReset) {
  fakes::SamplingScript script;
  script.reset_error = Error{ErrorCode::unsupported, "this kernel cannot reset the memory peak"};
  sampler_.script(script);
  execute();
  ASSERT_FALSE(phases().empty());
  const auto* const loaded = find_reading(phases()[0].readings, model::MetricName::loaded_cgroup_peak_bytes);
  ASSERT_NE(loaded, nullptr);
  EXPECT_FALSE(loaded->value);
  EXPECT_NE(loaded->absent.find("the container's peak before the window"), std::string::npos) << loaded->absent;
  const auto* const retained = find_reading(trials()[0].readings, model::MetricName::retained_cgroup_peak_bytes);
  ASSERT_NE(retained, nullptr);
  EXPECT_FALSE(retained->value);
  EXPECT_NE(retained->absent.find("Linux 6.12"), std::string::npos) << retained->absent;
}

TEST_F(ExecutorTest, MarksAStartThatWasProbedTooSeldom) {
  fakes::LoadScript script;
  script.good_gap = std::chrono::milliseconds(10);
  load_.script(script);
  execute();
  ASSERT_FALSE(trials().empty());
  ASSERT_EQ(trials()[0].verdict.gates.size(), 1U);
  EXPECT_EQ(trials()[0].verdict.gates[0].gate, model::GateName::start_probe);
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

TEST_F(ExecutorTest, MeasuresAShareOfTheCapUntilAP99HasItsAnswers) {
  for (model::ProfilePhase& phase : job_.profile.phases) phase.measure = std::chrono::milliseconds(100);
  job_.profile.phases[1].measure_max = std::chrono::seconds(20);
  execute();
  ASSERT_GE(load_.phases().size(), 2U);
  EXPECT_EQ(load_.phases()[0].measure, std::chrono::milliseconds(100));
  EXPECT_EQ(load_.phases()[1].measure, std::chrono::seconds(1)) << "at 6000/s";
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
  job_.profile.phases[1].workload = "plaintext";
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

TEST_F(ExecutorTest, KeepsTheDaemonOffTheAppsCpusUntilTheRunHasEnded) {
  bool kept_off = true;
  engine_.on_started([&](const fakes::FakeContainer&) {
    kept_off = kept_off && host_.kept_off() == std::vector<std::vector<int>>{{1}};
  });
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_TRUE(kept_off);
  EXPECT_EQ(host_.kept_off(), (std::vector<std::vector<int>>{{1}, {}}));
  never_ready();
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_TRUE(host_.kept_off().back().empty()) << "a run that fails gives them back, too";
}

TEST_F(ExecutorTest, SaysSoWhenTheDaemonCannotBeKeptOff) {
  host_.fail_keep_off({ErrorCode::io, "keeping the daemon off the measured CPUs: not permitted"});
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  const auto warnings = fakes::events_of<model::EnvironmentRecorded>(journal_).back().warnings;
  ASSERT_FALSE(warnings.empty());
  EXPECT_EQ(warnings.back().gate, model::GateName::daemon_cpus);
  EXPECT_EQ(warnings.back().text, "keeping the daemon off the measured CPUs: not permitted");
}

TEST_F(ExecutorTest, TakesTheControlsTimeBeforeAndAfterAPhaseOnACpuOfTheApp) {
  std::vector<int> asked;
  host_.control([&](int cpu) -> Result<Nanos> {
    asked.push_back(cpu);
    return std::chrono::milliseconds(asked.size() % 2 == 0 ? 12 : 10);
  });
  execute();
  ASSERT_FALSE(asked.empty());
  EXPECT_EQ(asked, std::vector<int>(2 * load_.phases().size(), 1));
}

// Issue 14, rows 7 and 8: the app prints what it likes, before and after it listens.
TEST_F(ExecutorTest, Row7And8TheExecStampIsTheSandboxesWhateverTheAppPrints) {
  std::string sandbox;
  engine_.on_started([&](const fakes::FakeContainer& c) {
    if (c.spec.labels.at("stackdyno.role") == "sandbox") sandbox = c.spec.name;
    if (c.spec.labels.at("stackdyno.role") != "app") return;
    const std::string stamp = "stackdyno-exec monotonic_ns=" + std::to_string(to_ns(clock_.now())) + "\n";
    engine_.set_log(sandbox, stamp);
    clock_.advance(std::chrono::milliseconds(10));
    std::string forged;
    for (int i = 0; i < 40; ++i) forged += "stackdyno-exec monotonic_ns=" + std::to_string(to_ns(clock_.now())) + "\n";
    engine_.set_log(c.spec.name, forged + std::string(100 << 10, 'x') + "\n");
  });
  execute();
  const auto starts = fakes::events_of<model::StartupMeasured>(journal_);
  ASSERT_EQ(starts.size(), 8U);
  for (const auto& start : starts) {
    ASSERT_TRUE(start.marks.exec);
    ASSERT_TRUE(start.marks.first_good);
    EXPECT_EQ(*start.marks.exec, start.marks.start_call);
    EXPECT_GT(*start.marks.first_good, *start.marks.exec);
  }
}

// Issue 14, row 7.
TEST_F(ExecutorTest, Row7AStampOutsideOfTheStartIsNone) {
  using M = model::MetricName;
  for (const Nanos off : {Nanos(-1), Nanos(std::chrono::minutes(1))}) {
    std::string sandbox;
    engine_.on_started([&](const fakes::FakeContainer& c) {
      if (c.spec.labels.at("stackdyno.role") == "sandbox") sandbox = c.spec.name;
      if (c.spec.labels.at("stackdyno.role") == "app")
        engine_.set_log(sandbox, "stackdyno-exec monotonic_ns=" + std::to_string(to_ns(clock_.now() + off)) + "\n");
    });
    execute();
    ASSERT_FALSE(trials().empty());
    EXPECT_EQ(absence_of(trials().back().readings, M::app_startup_ns),
              "the process start that the sandbox was told lies outside of the start");
    EXPECT_TRUE(value_of(trials().back().readings, M::startup_ns));
  }
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
    const auto prepared = prepare_image(engine, node, {}, {});
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

// Issue 16, N10.
TEST_F(ExecutorTest, RowN10_KeepsTheBudgetAndWhatItHasMeasured) {
  job_.profile.blocks = 6;
  MonotonicTime begin = clock_.now();
  ASSERT_EQ(execute(), RunState::succeeded) << last_reason();
  const Nanos whole = clock_.now() - begin;
  job_.request.budget = whole / 2;
  const std::size_t before = trials().size();
  begin = clock_.now();
  EXPECT_EQ(execute(), RunState::timed_out);
  EXPECT_LE(clock_.now() - begin, *job_.request.budget);
  EXPECT_NE(last_reason().find(" of 6 was not begun"), std::string::npos) << last_reason();
  EXPECT_GT(trials().size(), before);
  EXPECT_EQ((trials().size() - before) % 2, 0U) << "whole blocks";
  expect_clean();
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

TEST_F(ExecutorTest, SaysWhichPhasesAStackDoesNotOffer) {
  job_.profile.phases[1].workload = "users";
  job_.profile.phases[1].name = "users/c8";
  job_.profile.phases[1].loop = model::Loop::closed;
  job_.stacks.resize(1);
  job_.profile.blocks = 1;
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  ASSERT_EQ(phases().size(), 2U);
  EXPECT_EQ(phases()[0].phase, "users/c8");
  EXPECT_EQ(absence_of(phases()[0].readings, model::MetricName::throughput_per_s), "the stack does not offer users");
  EXPECT_EQ(phases()[0].readings.size(), 1U);
  EXPECT_EQ(phases()[1].phase, "json/c32");
}

TEST_F(ExecutorTest, LoadsAStackWithWorkBesideItsPhase) {
  job_.profile.phases[1].beside = model::BesideLoad{"plaintext", 4, {}};
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_TRUE(load_.phases()[0].beside.empty());
  ASSERT_EQ(load_.phases()[1].beside.size(), 1U);
  const ports::LoadSpec beside = load_.phases()[1].beside[0];
  EXPECT_EQ(beside.connections, 4);
  EXPECT_EQ(beside.requests[0].target, "/plaintext");
  EXPECT_EQ(beside.loop, model::Loop::closed);
  EXPECT_TRUE(load_.phases()[1].shares_cpus) << "a loader that spins would leave the other no CPU";
  EXPECT_DOUBLE_EQ(value_of(phases()[1].readings, model::MetricName::beside_per_s).value_or(-1), 100);
  EXPECT_FALSE(value_of(phases()[0].readings, model::MetricName::beside_per_s));
}

}  // namespace
}  // namespace dyno::run
