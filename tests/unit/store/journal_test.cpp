#include "store/journal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "base/encoding.h"
#include "fakes/reading.h"
#include "model/metric.h"
#include "sample_run.h"
#include "store/reader.h"

namespace dyno::store {
namespace {

using model::RunState;
using std::chrono::milliseconds;

constexpr auto kTrial = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";

class JournalTest : public testing::Test {
 protected:
  std::string queue_run() { return repository_.enqueue(sample_job(), at_second(0))->run_id; }

  std::unique_ptr<Database> database_ = std::move(*Database::open_in_memory());
  EventFeed feed_;
  Journal journal_{*database_, feed_};
  RunRepository repository_{*database_, feed_};
  Reader reader_{*database_};
};

TEST_F(JournalTest, KeepsWhatTheRunTold) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const auto run = reader_.run(id);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->state, RunState::running);
  EXPECT_EQ(run->request.seed, 13835058055282163712ULL);
  EXPECT_EQ(run->request.stacks, (std::vector<std::string>{"node-fastify", "go-nethttp"}));
  EXPECT_EQ(run->request.note, "after the change");
  EXPECT_EQ(run->created_at, at_second(0));
  EXPECT_EQ(run->started_at, at_second(10));
  EXPECT_FALSE(run->finished_at);
  EXPECT_EQ(run->expected, std::chrono::minutes(4));
  EXPECT_EQ(run->measured, std::chrono::seconds(6));
  EXPECT_TRUE(run->co_located);
  EXPECT_EQ(run->environment.key, "e1:0123456789abcdef");
  ASSERT_EQ(run->environment.facts.size(), 2U);
  EXPECT_EQ(run->environment.facts[1].name, "cpu_model");
  EXPECT_TRUE(run->environment.facts[1].in_key);
  ASSERT_EQ(run->warnings.size(), 1U);
  EXPECT_EQ(run->warnings[0].text, "governor is powersave");
  ASSERT_EQ(run->stacks.size(), 2U);
  EXPECT_EQ(run->stacks[0].name, "node-fastify");
  EXPECT_FALSE(run->stacks[0].image_bytes);
  EXPECT_EQ(run->stacks[1].image_bytes, mib(12));
  EXPECT_EQ(run->stacks[1].build, std::chrono::seconds(31));
}

TEST_F(JournalTest, KeepsTheTrialWithAbsentQuantitiesAbsent) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const auto trials = reader_.trials(id);
  ASSERT_TRUE(trials);
  ASSERT_EQ(trials->size(), 1U);
  const model::Trial& t = trials->front();
  EXPECT_EQ(t.run_id, id);
  EXPECT_EQ(t.case_name, "go-nethttp/single");
  EXPECT_EQ(t.state, model::TrialState::succeeded);
  EXPECT_EQ(t.block, 1);
  ASSERT_TRUE(t.startup);
  EXPECT_EQ(t.startup->first_good, monotonic_from_ns(1'250'000'000));
  EXPECT_FALSE(t.startup->first_deep);
  EXPECT_EQ(t.startup->sandbox, milliseconds(140));
  ASSERT_TRUE(t.idle);
  EXPECT_EQ(t.idle->pss, mib(20));
  EXPECT_FALSE(t.idle->docker_equivalent);
  EXPECT_FALSE(t.retained);
  EXPECT_EQ(t.stop, milliseconds(70));
  ASSERT_EQ(t.readings.size(), 4U);
  EXPECT_EQ(value_of(t.readings, model::MetricName::app_startup_ns), 50e6);
  EXPECT_EQ(t.readings[0].validity, model::Validity::invalid);
  EXPECT_EQ(t.readings[0].gates, (std::vector<model::GateName>{model::GateName::start_steal}));
  EXPECT_EQ(t.readings[1].validity, model::Validity::valid);
  EXPECT_EQ(absence_of(t.readings, model::MetricName::idle_docker_equivalent_bytes), "this kernel does not report it");
  EXPECT_EQ(t.verdict.validity, model::Validity::invalid);
  ASSERT_EQ(t.verdict.gates.size(), 1U);
  EXPECT_EQ(t.verdict.gates[0].text, "stolen");
  EXPECT_EQ(reader_.trial(kTrial)->readings, t.readings);
  EXPECT_EQ(t.phases, (std::vector<std::string>{"json/c32", "plaintext/c32"}));
  EXPECT_EQ(reader_.trial(kTrial)->started_at, at_second(16));
  EXPECT_EQ(reader_.trial("nobody").error().code, ErrorCode::not_found);
}

TEST_F(JournalTest, SaysWhatARunComparesAndHowFarItsTrialsAre) {
  const std::string id = queue_run();
  ASSERT_TRUE(reader_.comparison(id));
  EXPECT_FALSE(reader_.comparison(id)->has_value()) << "it compares none";
  tell_trial(journal_, id, kTrial);
  const auto ends = reader_.trial_ends(id);
  ASSERT_TRUE(ends) << ends.error().message;
  ASSERT_EQ(ends->size(), 1U);
  EXPECT_EQ(ends->front().case_name, "go-nethttp/single");
  EXPECT_EQ(ends->front().block, 1);
  EXPECT_EQ(ends->front().kind, model::TrialKind::load);
  EXPECT_EQ(ends->front().state, model::TrialState::succeeded);
  model::Job job = sample_job();
  job.request.compare = model::RunComparison{.a = "node-fastify", .b = "go-nethttp"};
  const auto compared = reader_.comparison(repository_.enqueue(job, at_second(1))->run_id);
  ASSERT_TRUE(compared && *compared);
  EXPECT_EQ((*compared)->b, "go-nethttp");
  EXPECT_EQ(reader_.comparison("nobody").error().code, ErrorCode::not_found);
}

// Issue 14, row 19.
TEST_F(JournalTest, Row19KeepsTheWholeLogOfABuild) {
  const std::string id = queue_run();
  EXPECT_EQ(reader_.build_log(id, "go-nethttp").error().code, ErrorCode::not_found);
  must_append(journal_, id, 1, model::BuildLogged{sample_build(), sample_build_log()});
  const auto builds = reader_.builds(id);
  ASSERT_TRUE(builds) << builds.error().message;
  ASSERT_EQ(builds->size(), 1U);
  const model::Build& build = builds->front();
  EXPECT_EQ(build.owner, model::ImageOwner::stack);
  EXPECT_EQ(build.name, "go-nethttp");
  EXPECT_EQ(build.state, model::BuildState::failed);
  EXPECT_EQ(build.step, "Step 3/4 : RUN go build");
  EXPECT_EQ(build.lines, 402);
  EXPECT_EQ(build.bytes, sample_build_log().told_bytes());
  EXPECT_EQ(build.duration, std::chrono::seconds(3));
  const auto log = reader_.build_log(id, "go-nethttp");
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(text_of(*log), text_of(sample_build_log()));
  EXPECT_EQ(reader_.build_log(id, "node-fastify").error().code, ErrorCode::not_found);
  EXPECT_EQ(reader_.builds("nobody").error().code, ErrorCode::not_found);
}

TEST_F(JournalTest, KeepsEveryPhaseWhole) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const model::PhaseResult told = sample_phase("json/c32", 3);
  const auto by_trial = reader_.phases_of_run(id);
  ASSERT_TRUE(by_trial);
  ASSERT_EQ(by_trial->at(kTrial).size(), 2U);
  const auto phases = reader_.phases(kTrial);
  ASSERT_TRUE(phases);
  const model::PhaseResult& r = phases->front();
  EXPECT_EQ(r.phase, told.phase);
  EXPECT_EQ(r.window_end - r.window_begin, std::chrono::seconds(3));
  EXPECT_FALSE(r.offered_per_s);
  EXPECT_EQ(r.good, told.good);
  EXPECT_EQ(r.errors.timeout, 2);
  EXPECT_EQ(r.errors.bad_body, 1);
  EXPECT_EQ(r.errors.total(), 3);
  EXPECT_EQ(r.readings, told.readings);
  EXPECT_EQ(r.verdict, told.verdict);
  EXPECT_EQ(r.transport, "epoll");
}

TEST_F(JournalTest, GivesThePhasesThatAreAskedForAndNoOthers) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const auto all = reader_.phases_of_run(id);
  ASSERT_TRUE(all);
  const model::PhaseResult& wanted = all->at(kTrial).at(1);
  ASSERT_FALSE(wanted.readings.empty());
  const auto one = reader_.phases_of_run(id, {{wanted.phase, "no such phase"}});
  ASSERT_TRUE(one);
  ASSERT_EQ(one->at(kTrial).size(), 1U);
  EXPECT_EQ(one->at(kTrial)[0].phase, wanted.phase);
  EXPECT_EQ(one->at(kTrial)[0].readings, wanted.readings);
  EXPECT_EQ(one->at(kTrial)[0].verdict, wanted.verdict);
  EXPECT_TRUE(reader_.phases_of_run(id, {{"no such phase"}})->empty());
}

TEST_F(JournalTest, CountsPhasesInTheOrderInWhichTheyWereFirstMeasured) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const std::string other = std::string(kTrial).substr(0, 35) + "5";
  const model::PlannedTrial planned{1, 1, 1, model::TrialKind::load, model::StartKind::warm, 1};
  must_append(journal_, id, 40, model::TrialStarted{other, planned, "node-fastify/single", "node-fastify"});
  model::PhaseResult open = sample_phase("json/c32/r60%", 3);
  open.offered_per_s = 600;
  must_append(journal_, id, 41, model::PhaseFinished{other, open, {}});
  must_append(journal_, id, 42, model::PhaseFinished{other, sample_phase("json/c32", 3), {}});
  const auto told = [&] {
    std::vector<std::string> rows;
    const auto counts = *reader_.phase_counts(id);
    for (const PhaseCount& one : counts)
      rows.push_back(one.phase + (one.is_open ? " open " : " closed ") + std::to_string(one.cases) + " " +
                     std::to_string(one.trials));
    return rows;
  };
  using Rows = std::vector<std::string>;
  EXPECT_EQ(told(), (Rows{"json/c32 closed 2 2", "plaintext/c32 closed 1 1", "json/c32/r60% open 1 1"}));
  must_append(journal_, id, 43, model::TrialFinished{other, model::TrialState::interrupted, {}, {}, {}, {}, false});
  EXPECT_EQ(told(), (Rows{"json/c32 closed 1 1", "plaintext/c32 closed 1 1"})) << "cut off, and made again";
}

TEST_F(JournalTest, GivesTheMetricsThatAreAskedForAndNoOthers) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const model::PhaseResult told = sample_phase("json/c32", 3);
  for (const std::vector<std::string>& phases : {std::vector<std::string>(), std::vector<std::string>{told.phase}}) {
    const auto some = reader_.phases_of_run(id, {phases, {"service_time_p50_ns", "little_ratio"}});
    ASSERT_TRUE(some) << some.error().message;
    const model::PhaseResult& phase = some->at(kTrial).front();
    ASSERT_EQ(phase.readings.size(), 1U);
    EXPECT_EQ(phase.readings[0], *model::find_reading(told.readings, model::MetricName::service_time_p50_ns));
    EXPECT_EQ(phase.verdict, told.verdict);
    EXPECT_EQ(phase.good, told.good);
  }
}

TEST_F(JournalTest, GivesBackTheTimelineAfterTheLastPhase) {
  const std::string id = queue_run();
  must_append(
      journal_, id, 1,
      model::TrialStarted{
          kTrial, {1, 0, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
  must_append(journal_, id, 1, model::PhaseFinished{kTrial, sample_phase("json/c32", 3), sample_timeline(30)});
  const auto samples = sample_timeline(20);
  must_append(journal_, id, 1, model::MemoryMeasured{kTrial, model::MemoryMoment::retained, {}, samples});
  const auto series = reader_.samples(kTrial, Nanos::zero());
  ASSERT_TRUE(series);
  ASSERT_EQ(series->size(), 2U);
  EXPECT_EQ(series->at(1).phase, "retained");
  EXPECT_EQ(series->at(1).window_begin, samples.front().at);
  EXPECT_EQ(series->at(1).window_end, samples.back().at);
  ASSERT_EQ(series->at(1).buckets.size(), 20U);
  EXPECT_EQ(series->at(1).buckets[19].cpu_ns, samples[19].cpu_ns);
}

TEST_F(JournalTest, GivesBackSeriesAndHistograms) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const model::PhaseResult told = sample_phase("json/c32", 3);
  const auto samples = reader_.samples(kTrial, Nanos::zero());
  ASSERT_TRUE(samples);
  ASSERT_EQ(samples->size(), 2U);
  EXPECT_EQ(samples->at(0).phase, "json/c32");
  EXPECT_EQ(samples->at(0).window_end, told.window_end);
  ASSERT_EQ(samples->at(0).buckets.size(), 30U);
  EXPECT_EQ(samples->at(0).buckets[29].cpu_ns, sample_timeline(30)[29].cpu_ns);
  EXPECT_EQ(reader_.samples(kTrial, std::chrono::seconds(1))->at(0).buckets.size(), 3U);
  const auto seconds = reader_.seconds(kTrial);
  ASSERT_TRUE(seconds);
  EXPECT_EQ(seconds->at(1).seconds[2].good, told.seconds[2].good);
  EXPECT_EQ(seconds->at(1).seconds[2].p99_ns, std::nullopt);
  const auto histograms = reader_.histograms(kTrial, "json/c32");
  ASSERT_TRUE(histograms);
  ASSERT_EQ(histograms->size(), 2U);
  EXPECT_EQ(histograms->at(0).kind, "service");
  EXPECT_EQ(histograms->at(0).v2, told.histograms[0].v2);
  EXPECT_TRUE(reader_.histograms(kTrial, "no such phase")->empty());
}

TEST_F(JournalTest, NumbersItsEventsAndTellsThemAgain) {
  const auto watcher = feed_.subscribe();
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const auto events = reader_.events(0, id, 100);
  ASSERT_TRUE(events);
  std::vector<std::string> kinds;
  for (const model::EventRow& e : *events) kinds.push_back(e.kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"state", "state", "state", "environment", "stack", "plan", "state",
                                             "trial", "startup", "memory", "step", "phase", "phase", "trial_done"}));
  const model::EventRow& step = events->at(10);
  EXPECT_EQ(step.step, "loading");
  EXPECT_EQ(step.case_name, "go-nethttp/single");
  EXPECT_EQ(step.trial_id, kTrial);
  ASSERT_TRUE(step.progress);
  EXPECT_EQ(step.progress->eta_at, at_second(99));
  EXPECT_EQ(events->at(1).state, RunState::acquiring);
  EXPECT_FALSE(events->at(7).progress);
  for (const model::EventRow& e : *events) {
    const auto live = watcher->next(milliseconds(0), {});
    ASSERT_TRUE(live);
    const auto& row = std::get<model::EventRow>(*live);
    EXPECT_EQ(row.id, e.id);
    EXPECT_EQ(row.text, e.text);
    EXPECT_EQ(row.case_name, e.case_name) << row.kind;
  }
  EXPECT_EQ(reader_.events(events->at(9).id, "", 2)->front().kind, "step");
  EXPECT_EQ(*reader_.last_event_id(), events->back().id);
  EXPECT_EQ((*reader_.progress(id))->done_ratio, 0.25);
}

TEST_F(JournalTest, RefusesAStateThatMayNotFollowAndStoresNothingOfIt) {
  const std::string id = queue_run();
  const auto early = journal_.append(id, at_second(1), model::RunStateChanged{RunState::running, {}});
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::conflict);
  must_append(journal_, id, 2, model::RunStateChanged{RunState::cancelled, "by hand"});
  EXPECT_FALSE(journal_.append(id, at_second(3), model::RunStateChanged{RunState::acquiring, {}}));
  const auto run = reader_.run(id);
  EXPECT_EQ(run->state, RunState::cancelled);
  EXPECT_EQ(run->reason, "by hand");
  EXPECT_EQ(run->finished_at, at_second(2));
  EXPECT_FALSE(run->started_at) << "it ended while it waited";
  EXPECT_EQ(reader_.events(0, id, 10)->size(), 2U);
}

TEST_F(JournalTest, RefusesUnknownRunsTrialsAndStacks) {
  const std::string id = queue_run();
  const std::string other = queue_run();
  tell_trial(journal_, id, kTrial);
  EXPECT_EQ(journal_.append("nobody", at_second(1), model::PlanMade{}).error().code, ErrorCode::not_found);
  EXPECT_EQ(journal_.append(id, at_second(1), model::StartupMeasured{"nobody", {}}).error().code, ErrorCode::not_found);
  EXPECT_EQ(journal_.append(other, at_second(1), model::StartupMeasured{kTrial, {}}).error().code, ErrorCode::not_found)
      << "another run's trial";
  EXPECT_EQ(journal_.append(id, at_second(1), model::StartupMeasured{kTrial, {}}).error().code, ErrorCode::conflict)
      << "the trial has ended";
  EXPECT_EQ(journal_.append(id, at_second(1), model::StackPrepared{}).error().code, ErrorCode::not_found);
  EXPECT_EQ(reader_.phases("nobody").error().code, ErrorCode::not_found);
  EXPECT_EQ(reader_.run("nobody").error().code, ErrorCode::not_found);
}

TEST_F(JournalTest, StoresAPhaseWholeOrNotAtAll) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const std::string second = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e45";
  must_append(
      journal_, id, 30,
      model::TrialStarted{
          second, {1, 1, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
  model::PhaseResult broken = sample_phase("json/c32", 1);
  broken.histograms.push_back({"service", "not base64!"});
  const auto refused = journal_.append(id, at_second(31), model::PhaseFinished{second, broken});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(reader_.phases(second)->empty());
  EXPECT_EQ(reader_.run(id)->measured, std::chrono::seconds(6));
  must_append(journal_, id, 32, model::PhaseFinished{second, sample_phase("json/c32", 1)});
  EXPECT_FALSE(journal_.append(id, at_second(33), model::PhaseFinished{second, sample_phase("json/c32", 1)}))
      << "the same phase twice";
}

TEST_F(JournalTest, KeepsWhatIsNotANumberAsAbsent) {
  const std::string id = queue_run();
  tell_trial(journal_, id, kTrial);
  const std::string second = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e45";
  must_append(
      journal_, id, 30,
      model::TrialStarted{
          second, {1, 1, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
  model::PhaseResult odd = sample_phase("json/c32", 0);
  using M = model::MetricName;
  odd.readings.push_back(fakes::reading(M::app_cpu_ns_per_request, std::numeric_limits<double>::quiet_NaN()));
  odd.readings.push_back(fakes::reading(M::little_ratio, std::numeric_limits<double>::infinity()));
  must_append(journal_, id, 31, model::PhaseFinished{second, odd});
  const auto phases = reader_.phases(second);
  const auto& readings = phases->front().readings;
  EXPECT_EQ(readings.size(), 6U);
  EXPECT_EQ(absence_of(readings, M::app_cpu_ns_per_request), "not a finite number");
  EXPECT_EQ(absence_of(readings, M::little_ratio), "not a finite number");
  EXPECT_FALSE(value_of(readings, M::little_ratio));
}

TEST_F(JournalTest, PassesSamplesOnWithoutStoringThem) {
  const std::string id = queue_run();
  const auto watcher = feed_.subscribe(id);
  journal_.publish(model::LiveSample{id, {}, 21840, 1'000'000, 0, mib(40)});
  const auto live = watcher->next(milliseconds(0), {});
  ASSERT_TRUE(live);
  EXPECT_EQ(std::get<model::LiveSample>(*live).rate_per_s, 21840);
  EXPECT_EQ(reader_.events(0, id, 10)->size(), 1U);
}

std::vector<model::Reading> readings_of(model::MetricScope scope) {
  std::vector<model::Reading> readings;
  for (const model::Metric& metric : model::metrics()) {
    if (metric.scope == scope) readings.push_back(fakes::reading(metric.metric, 1.0 / 3));
  }
  return readings;
}

// How large a trial of the quick profile becomes on disk: measured, printed, and held to what the documents say.
TEST(JournalSize, ATrialTakesFewKilobytes) {
  const std::filesystem::path memory = "/dev/shm";
  const std::filesystem::path base =
      std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  std::string pattern = (base / "dyno-size-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  constexpr int kTrials = 40;
  std::uintmax_t before = 0, after = 0;
  {
    const auto opened = Database::open(folder / "dyno.db");
    EventFeed feed;
    Journal journal(**opened, feed);
    RunRepository repository(**opened, feed);
    const std::string id = repository.enqueue(sample_job(), at_second(0))->run_id;
    tell_trial(journal, id, kTrial);
    ASSERT_TRUE((*opened)->truncate_log());
    before = std::filesystem::file_size(folder / "dyno.db");
    for (int i = 1; i <= kTrials; ++i) {
      const std::string trial = "019aa3c2-7c51-7d0e-9b1c-" + std::to_string(100'000'000'000 + i);
      must_append(
          journal, id, i,
          model::TrialStarted{
              trial, {1, i, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
      must_append(journal, id, i, model::StartupMeasured{trial, sample_marks()});
      must_append(journal, id, i,
                  model::MemoryMeasured{trial, model::MemoryMoment::idle, {mib(20), mib(12), mib(14), mib(30)}});
      must_append(journal, id, i,
                  model::MemoryMeasured{
                      trial, model::MemoryMoment::retained, {mib(20), mib(12), mib(14), mib(30)}, sample_timeline(20)});
      for (int step = 0; step < 11; ++step) {
        must_append(journal, id, i,
                    model::TrialStepped{trial,
                                        model::TrialStep::loading,
                                        "json/c32",
                                        {1, 3, "go-nethttp/single", "loading", "json/c32", 0.2, at_second(9)}});
      }
      for (const char* phase : {"plaintext/c32", "json/c32", "json/c32/r60%"}) {
        model::PhaseResult result = sample_phase(phase, 3);
        result.readings = readings_of(model::MetricScope::phase);
        result.readings.front() = fakes::absent(model::MetricName::throughput_per_s, "not told");
        // A packed histogram of some tens of thousands of answers takes about as much as this.
        for (auto& histogram : result.histograms) histogram.v2 = to_base64(std::string(1200, 'h'));
        must_append(journal, id, i, model::PhaseFinished{trial, result, sample_timeline(30)});
      }
      must_append(journal, id, i,
                  model::TrialFinished{trial,
                                       model::TrialState::succeeded,
                                       model::TrialFailure::none,
                                       {},
                                       {},
                                       milliseconds(70),
                                       false,
                                       readings_of(model::MetricScope::trial),
                                       {}});
    }
    ASSERT_TRUE((*opened)->truncate_log());
    after = std::filesystem::file_size(folder / "dyno.db");
  }
  std::filesystem::remove_all(folder);
  const auto bytes = (after - before) / kTrials;
  std::printf("[ SIZE     ] %ju bytes a trial with 3 phases of 3 s (of that %d for 6 histograms)\n", bytes, 6 * 1200);
  testing::Test::RecordProperty("bytes_per_trial", std::to_string(bytes));
  EXPECT_LT(bytes, 24'000U);
}

}  // namespace
}  // namespace dyno::store
