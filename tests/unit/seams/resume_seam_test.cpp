// A run that is cut off goes on: executor, store and engine together, over several lives of a daemon. The daemon is killed at every
// step there is, before an effect and after one whose answer was lost, and again at every step of its recovery; what it leaves is what
// the next life finds in the real store and in the (fake) engine. DYNO_CRASH_AT=n tries that one step alone; DYNO_CRASH_DEEP=1
// (nightly) leaves out none where the short version takes samples.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "results/summarise.h"
#include "run/plan.h"
#include "store/database.h"
#include "store/journal.h"
#include "store/reader.h"
#include "store/run_repository.h"
#include "unit/run/executor_fixture.h"

namespace dyno::seams {
namespace {

using model::RunState;
using model::TrialState;

constexpr int kNever = std::numeric_limits<int>::max();
constexpr auto kInstance = "instance";

// Ends a life of the daemon at its nth step: from then on nothing that it does has an effect. Or lets it live, and breaks its nth call
// of the engine: the call never arrives, or has its effect and is not answered.
class Fate {
 public:
  enum class Kind { death, lost_request, lost_answer };
  explicit Fate(int at, Kind kind = Kind::death) : at_(at), kind_(kind) {}
  enum class Step { done, not_done, answer_lost };
  Step next_write() { return kind_ == Kind::death ? next() : Step::done; }
  Step next_call() {
    if (kind_ == Kind::death) return next();
    if (++steps_ != at_) return Step::done;
    return kind_ == Kind::lost_answer ? Step::answer_lost : Step::not_done;
  }
  bool is_dead() const { return is_dead_; }
  bool has_struck() const { return steps_ >= at_; }
  int steps() const { return steps_; }

 private:
  Step next() {
    if (is_dead_) return Step::not_done;
    for (const Step end : {Step::not_done, Step::answer_lost}) {
      if (++steps_ != at_) continue;
      is_dead_ = true;
      return end;
    }
    return Step::done;
  }

  const int at_;
  const Kind kind_;
  int steps_ = 0;
  bool is_dead_ = false;
};

class MortalJournal final : public ports::RunJournal {
 public:
  MortalJournal(ports::RunJournal& inner, Fate& fate, std::vector<model::RunEvent>& acknowledged)
      : inner_(inner), fate_(fate), acknowledged_(acknowledged) {}
  Result<std::int64_t> append(const std::string& run_id, WallTime at, const model::RunEvent& event) override {
    const Fate::Step step = fate_.next_write();
    if (step == Fate::Step::not_done) return fail(ErrorCode::io, "killed");
    auto id = inner_.append(run_id, at, event);
    EXPECT_TRUE(id) << id.error().message;
    if (step == Fate::Step::answer_lost) return fail(ErrorCode::io, "killed");
    acknowledged_.push_back(event);
    return id;
  }
  void publish(const model::LiveSample&) override {}

 private:
  ports::RunJournal& inner_;
  Fate& fate_;
  std::vector<model::RunEvent>& acknowledged_;
};

// What outlives a daemon: machine, engine, database.
class World {
 public:
  World() {
    engine.add_image("stackdyno/base-node-26");
    engine.add_image("stackdyno/base-debian");
    load.answer_by([this](const ports::Exchange& exchange) {
      return fakes::answer_rightly(exchange, clock.wall_now(), fakes::Spoil{});
    });
    model::Job job;
    job.stacks = {run::stack("alpha"), run::stack("beta")};
    job.services = {run::store()};
    job.stacks[0].services["store"] = {};
    job.profile = run::profile();
    job.profile.blocks = 1;
    job.profile.startup.warm = 1;
    job.profile.phases.resize(1);
    job.profile.phases[0].measure = std::chrono::seconds(1);
    job.profile.database = model::DatabaseRequest{12, 100000, "odd"};
    job.request.seed = 42;
    job.request.stacks = {"alpha", "beta"};
    job.plan_version = run::kPlanVersion;
    store::EventFeed feed;
    run_id = store::RunRepository(*database, feed).enqueue(job, clock.wall_now())->run_id;
    // Somebody else's, of another instance: not to be touched.
    const std::map<std::string, std::string> labels{{"stackdyno.instance", "another"}, {"stackdyno.role", "app"}};
    const auto network = engine.create_network("decoy", labels);
    ports::ContainerSpec spec;
    spec.name = "decoy-app";
    spec.image_id = "stackdyno/base-debian";
    spec.memory = mib(64);
    spec.labels = labels;
    spec.network = ports::JoinNetwork{network.value()};
    EXPECT_TRUE(engine.start_container(engine.create_container(spec).value()));
  }

  // From boot to the end of what waits, or to the daemon's. The state that the run is in then, as it was told.
  RunState live(Fate& fate, const store::Restart& restart = {}) {
    store::EventFeed feed;
    store::Journal store_journal(*database, feed);
    MortalJournal journal(store_journal, fate, acknowledged);
    store::RunRepository repository(*database, feed);
    engine.obey([&fate](const std::string& call) -> std::optional<fakes::EngineFault> {
      const Fate::Step step = fate.next_call();
      if (step == Fate::Step::done) return std::nullopt;
      return fakes::EngineFault{.pattern = call,
                                .error = {ErrorCode::unavailable, "killed"},
                                .effect_happens = step == Fate::Step::answer_lost};
    });
    const auto left = repository.settle_unfinished(clock.wall_now(), restart);
    EXPECT_TRUE(left) << left.error().message;
    std::vector<std::string> waiting = left->resumed;
    waiting.insert(waiting.end(), left->queued.begin(), left->queued.end());
    RunState state = RunState::queued;
    bool is_swept = run::sweep_leftovers(engine, kInstance).has_value();
    for (const std::string& id : waiting) {
      state = RunState::queued;
      for (int tries = 0; tries < 4 && state == RunState::queued && !fate.is_dead() && !draining; ++tries) {
        if (is_swept) state = execute(journal, id);
        is_swept = run::sweep_leftovers(engine, kInstance).has_value();
      }
    }
    if (!is_swept) static_cast<void>(run::sweep_leftovers(engine, kInstance));  // a minute later
    engine.obey({});
    return state;
  }
  RunState live() {
    Fate fate(kNever);
    return live(fate);
  }

  model::Run the_run() const { return store::Reader(*database).run(run_id).value(); }
  std::vector<model::Trial> trials() const { return store::Reader(*database).trials(run_id).value(); }

  // One result for every place of the plan; before it only attempts that were cut off.
  void expect_whole() const {
    const model::Run run = the_run();
    EXPECT_EQ(run.state, RunState::succeeded) << run.reason;
    std::map<int, std::vector<model::Trial>> by_place;
    for (const model::Trial& trial : trials()) by_place[trial.index].push_back(trial);
    EXPECT_EQ(by_place.size(), 4U);
    for (const auto& [place, attempts] : by_place) {
      for (std::size_t i = 0; i < attempts.size(); ++i) {
        EXPECT_EQ(attempts[i].attempt, static_cast<int>(i) + 1);
        const bool is_last = i + 1 == attempts.size();
        EXPECT_EQ(attempts[i].state, is_last ? TrialState::succeeded : TrialState::interrupted)
            << place << ": " << attempts[i].reason;
      }
    }
    expect_counted_once();
    expect_kept();
    expect_clean();
    EXPECT_TRUE(database->read("checking", [](SQLite::Database& connection) {
      EXPECT_EQ(connection.execAndGet("PRAGMA integrity_check").getString(), "ok");
      return Status{};
    }));
  }
  // Nothing of ours is left, and what is another's was not touched.
  void expect_clean() const {
    const auto containers = engine.containers();
    ASSERT_EQ(containers.size(), 1U);
    EXPECT_EQ(containers[0].spec.name, "decoy-app");
    EXPECT_EQ(containers[0].status.state, "running");
    EXPECT_EQ(engine.networks(), std::vector<std::string>{"decoy"});
  }

  fakes::FakeClock clock;
  fakes::FakeContainerEngine engine;
  fakes::FakeLoadDriver load{clock};
  fakes::FakeSampler sampler{clock};
  fakes::FakeHost host{clock, engine, load, sampler};
  std::unique_ptr<store::Database> database = std::move(store::Database::open_in_memory().value());
  std::string run_id;
  std::vector<model::RunEvent> acknowledged;
  std::stop_source stop;
  bool draining = false;
  bool resumes = true;

 private:
  RunState execute(ports::RunJournal& journal, const std::string& id) {
    const store::Reader reader(*database);
    const auto job = reader.job(id);
    EXPECT_TRUE(job) << job.error().message;
    run::ExecutorCalls calls;
    calls.past = [&reader](const std::string& of) -> Result<run::RunPast> {
      return run::RunPast{reader.run(of).value(), reader.trials(of).value()};
    };
    calls.was_verified = [](const std::string&) { return true; };  // in full once, in the tests of the executor
    calls.resumes = resumes;
    run::Executor executor({.host = host, .journal = journal, .instance = kInstance}, calls);
    return executor.execute(*job, stop.get_token(), [this] { return draining; }).state;
  }

  // No statistic rests on what was cut off.
  void expect_counted_once() const {
    const auto all = trials();
    auto phases = store::Reader(*database).phases_of_run(run_id).value();
    std::vector<results::TrialMetrics> metrics;
    for (const model::Trial& trial : all) metrics.push_back(results::contribution_of(trial, phases[trial.id]));
    int seen = 0;
    for (const model::Summary& summary : results::summarise(metrics)) {
      if (summary.metric != model::MetricName::throughput_per_s) continue;
      EXPECT_EQ(summary.n, 1) << summary.case_name;
      ++seen;
    }
    EXPECT_EQ(seen, 2);
  }

  // What the journal said was written is there as it was.
  void expect_kept() const {
    std::map<std::string, model::Trial> stored;
    for (const model::Trial& trial : trials()) stored[trial.id] = trial;
    for (const model::RunEvent& event : acknowledged) {
      if (const auto* const phase = std::get_if<model::PhaseFinished>(&event)) {
        const auto& names = stored[phase->trial_id].phases;
        EXPECT_NE(std::find(names.begin(), names.end(), phase->result.phase), names.end());
      }
      if (const auto* const done = std::get_if<model::TrialFinished>(&event)) {
        EXPECT_EQ(stored[done->trial_id].state, done->state);
      }
    }
  }
};

int steps_of_a_run() {
  World world;
  Fate fate(kNever);
  EXPECT_EQ(world.live(fate), RunState::succeeded) << world.the_run().reason;
  world.expect_whole();
  return fate.steps();
}

TEST(ResumeSeam, ComesToTheSameEndWhereverItCrashes) {
  const int steps = steps_of_a_run();
  const char* const only = ::getenv("DYNO_CRASH_AT");
  const int first = only == nullptr ? 1 : static_cast<int>(parse_int(only).value_or(1));
  const int last = only == nullptr ? steps : first;
  for (int at = first; at <= last && !testing::Test::HasFailure(); ++at) {
    SCOPED_TRACE(fmt::format("DYNO_CRASH_AT={} of {}", at, steps));
    World world;
    Fate fate(at);
    world.live(fate);
    ASSERT_TRUE(fate.is_dead());
    world.live();
    world.expect_whole();
  }
}

bool is_deep() { return ::getenv("DYNO_CRASH_DEEP") != nullptr; }

// Of two steps that follow each other, a crash after the first one's effect leaves the same world as one before the second's: every
// other step is every world.
constexpr int kEachWorld = 2;

// The recovery crashes, too, and the recovery from that: at every step of the first one, and at one of the second, which differs each time.
TEST(ResumeSeam, ComesToTheSameEndAfterCrashesInItsRecovery) {
  const int steps = steps_of_a_run();
  const int stride = is_deep() ? kEachWorld : 96;
  const int stride_again = is_deep() ? kEachWorld : 82;
  int recoveries = 0;
  for (int at = 2; at <= steps && !testing::Test::HasFailure(); at += stride) {
    bool has_crashed_again = true;
    for (int again = 2; has_crashed_again && !testing::Test::HasFailure(); again += stride_again) {
      const int third = 1 + (at * 31 + again * 17) % steps;
      SCOPED_TRACE(fmt::format("step {}, then {}, then {}", at, again, third));
      World world;
      Fate first(at);
      world.live(first);
      Fate second(again);
      world.live(second);
      has_crashed_again = second.is_dead();
      Fate last(third);
      world.live(last);
      world.live();
      world.expect_whole();
      ++recoveries;
    }
  }
  std::printf("[ CRASHES  ] in %d recoveries of a run of %d steps\n", recoveries, steps);
}

// The daemon lives, and a call of the engine is lost on its way, or its answer on the way back.
TEST(ResumeSeam, ComesToTheSameEndWhicheverCallOrAnswerIsLost) {
  for (const Fate::Kind kind : {Fate::Kind::lost_request, Fate::Kind::lost_answer}) {
    bool has_struck = true;
    const int stride = is_deep() || kind == Fate::Kind::lost_answer ? 1 : 3;
    for (int at = 1; has_struck && !testing::Test::HasFailure(); at += stride) {
      SCOPED_TRACE(fmt::format("call {}{}", at, kind == Fate::Kind::lost_answer ? ", its answer" : ""));
      World world;
      Fate fate(at, kind);
      world.live(fate);
      has_struck = fate.has_struck();
      world.expect_whole();
    }
  }
}

TEST(ResumeSeam, ComesToTheSameEndWhereAnAnswerIsLostInItsRecovery) {
  const int steps = steps_of_a_run();
  const int stride = is_deep() ? kEachWorld : 64;
  const int stride_again = is_deep() ? 1 : 29;
  for (int at = 2; at <= steps && !testing::Test::HasFailure(); at += stride) {
    bool has_struck = true;
    for (int again = 1 + at % stride_again; has_struck && !testing::Test::HasFailure(); again += stride_again) {
      SCOPED_TRACE(fmt::format("step {}, then the answer to call {}", at, again));
      World world;
      Fate death(at);
      world.live(death);
      Fate lost(again, Fate::Kind::lost_answer);
      world.live(lost);
      has_struck = lost.has_struck();
      world.expect_whole();
    }
  }
}

class ResumeSeamTest : public testing::Test {
 protected:
  // Killed before it makes the second app: one trial is done, one open.
  void crash_in_second_trial() {
    const int steps = count_steps_to("create_container", "t1-app");
    Fate fate(steps);
    world_.live(fate);
    ASSERT_TRUE(fate.is_dead());
    ASSERT_EQ(world_.trials().size(), 2U);
  }
  // Steps until that call, found in a world of its own.
  static int count_steps_to(const std::string& verb, const std::string& name) {
    World world;
    Fate fate(kNever);
    int steps = 0;
    world.engine.on_call([&](const std::string& call) {
      if (steps == 0 && call.starts_with(verb) && call.find(name) != std::string::npos) steps = fate.steps() + 1;
    });
    world.live(fate);
    EXPECT_GT(steps, 0) << verb << " " << name;
    return steps;
  }
  std::vector<model::EventRow> rows(std::string_view kind) const {
    std::vector<model::EventRow> found;
    const auto all = store::Reader(*world_.database).events(0, world_.run_id, 10'000);
    for (const model::EventRow& row : *all) {
      if (row.kind == kind) found.push_back(row);
    }
    return found;
  }

  World world_;
};

TEST_F(ResumeSeamTest, TellsThatItGoesOnAndFromWhere) {
  crash_in_second_trial();
  EXPECT_EQ(world_.live(), RunState::succeeded);
  const auto resumed = rows("resumed");
  ASSERT_EQ(resumed.size(), 1U);
  EXPECT_EQ(resumed[0].text, "the daemon ended during the run; it goes on after 1 finished trial");
  EXPECT_EQ(resumed[0].state, RunState::queued);
  EXPECT_EQ(world_.the_run().resumed, 1);
  EXPECT_EQ(world_.the_run().reason, "");
  const auto trials = world_.trials();
  ASSERT_GE(trials.size(), 3U);
  EXPECT_EQ(std::tuple(trials[1].index, trials[1].attempt, trials[1].state), std::tuple(1, 1, TrialState::interrupted));
  EXPECT_EQ(std::tuple(trials[2].index, trials[2].attempt, trials[2].state), std::tuple(1, 2, TrialState::succeeded));
}

TEST_F(ResumeSeamTest, GoesOnOnTheImagesItBeganWithWhateverTheFoldersHoldByNow) {
  crash_in_second_trial();
  const auto before = world_.the_run().stacks;
  world_.engine.set_content("/stacks/beta", "something else");
  world_.engine.set_content("/services/store", "something else");
  EXPECT_EQ(world_.live(), RunState::succeeded);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(world_.the_run().stacks[i].image_id, before[i].image_id);
  world_.expect_whole();
}

TEST_F(ResumeSeamTest, BuildsAnImageThatIsGoneFromTheSameBytes) {
  crash_in_second_trial();
  ASSERT_TRUE(world_.engine.remove_image(world_.the_run().stacks[1].image_id));
  EXPECT_EQ(world_.live(), RunState::succeeded) << world_.the_run().reason;
  world_.expect_whole();
}

TEST_F(ResumeSeamTest, EndsWithWordsWhereAnImageIsGoneAndItsFolderHasChanged) {
  crash_in_second_trial();
  ASSERT_TRUE(world_.engine.remove_image(world_.the_run().stacks[1].image_id));
  world_.engine.set_content("/stacks/beta", "something else");
  EXPECT_EQ(world_.live(), RunState::interrupted);
  EXPECT_NE(world_.the_run().reason.find("the image of beta is gone"), std::string::npos) << world_.the_run().reason;
  EXPECT_EQ(world_.trials().front().state, TrialState::succeeded) << "what was measured stays";
}

TEST_F(ResumeSeamTest, EndsWithWordsOnAnotherMachine) {
  crash_in_second_trial();
  world_.host.facts({{"cpu_model", "another", true}});
  EXPECT_EQ(world_.live(), RunState::interrupted);
  EXPECT_NE(world_.the_run().reason.find("cpu_model: unknown, now another"), std::string::npos)
      << world_.the_run().reason;
}

TEST_F(ResumeSeamTest, EndsWhatIsCutOffAgainAndAgainWithoutAFinishedTrial) {
  const int in_preparation = count_steps_to("create_network", "net");
  for (int life = 0; life < 4; ++life) {
    Fate fate(in_preparation);
    world_.live(fate);
    ASSERT_TRUE(fate.is_dead());
  }
  EXPECT_EQ(world_.live(), RunState::interrupted);
  EXPECT_EQ(world_.the_run().reason, "it was cut off 4 times without finishing a trial");
}

TEST_F(ResumeSeamTest, HeedsThePolicy) {
  using std::chrono::hours;
  struct Row {
    const char* name;
    model::ResumeRule rule;
    Nanos away;
    const char* boot;
    const char* reason;  // empty: it goes on
  };
  const Row rows[] = {
      {"always", {model::ResumePolicy::always, hours(12)}, hours(11), "b", ""},
      {"too late", {model::ResumePolicy::always, hours(12)}, hours(13), "a", "that was 13 h ago (limit 12 h)"},
      {"same boot", {model::ResumePolicy::same_boot, hours(12)}, hours(1), "a", ""},
      {"another boot", {model::ResumePolicy::same_boot, hours(12)}, hours(1), "b", "the machine was started again"},
      {"never", {model::ResumePolicy::never, hours(12)}, hours(1), "a", "the configuration resumes no run"},
  };
  const int in_trial = count_steps_to("create_container", "t1-app");
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    World world;
    Fate fate(in_trial);
    world.live(fate, {.rule = row.rule, .boot_id = "a"});
    ASSERT_TRUE(fate.is_dead());
    world.clock.advance(row.away);
    Fate none(kNever);
    world.live(none, {.rule = row.rule, .boot_id = row.boot});
    const bool goes_on = std::string_view(row.reason).empty();
    EXPECT_EQ(world.the_run().state, goes_on ? RunState::succeeded : RunState::interrupted);
    EXPECT_NE(world.the_run().reason.find(row.reason), std::string::npos) << world.the_run().reason;
  }
}

// An orderly end: what it can say, it says at once.
TEST_F(ResumeSeamTest, WaitsInTheQueueWhileTheDaemonIsStopped) {
  world_.engine.on_call([this](const std::string& call) {
    if (!call.starts_with("start_container") || call.find("t1-app") == std::string::npos) return;
    world_.draining = true;
    world_.stop.request_stop();
  });
  EXPECT_EQ(world_.live(), RunState::queued);
  EXPECT_EQ(world_.the_run().state, RunState::queued);
  EXPECT_EQ(world_.the_run().reason, "the daemon was stopped");
  ASSERT_EQ(world_.trials().size(), 2U);
  EXPECT_EQ(world_.trials()[1].state, TrialState::interrupted);
  world_.expect_clean();
  world_.engine.on_call({});
  world_.draining = false;
  world_.stop = std::stop_source();
  EXPECT_EQ(world_.live(), RunState::succeeded);
  EXPECT_EQ(rows("resumed").size(), 1U);
  world_.expect_whole();
}

TEST_F(ResumeSeamTest, EndsAtOnceWhereTheConfigurationResumesNoRun) {
  world_.resumes = false;
  world_.engine.on_call([this](const std::string& call) {
    if (!call.starts_with("start_container") || call.find("t1-app") == std::string::npos) return;
    world_.draining = true;
    world_.stop.request_stop();
  });
  EXPECT_EQ(world_.live(), RunState::interrupted);
  EXPECT_EQ(world_.the_run().reason, "the daemon was stopped");
}

}  // namespace
}  // namespace dyno::seams
