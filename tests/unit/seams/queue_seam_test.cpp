// Queue, scheduler and store together, with a clock that the test moves: however the two meet, each due time leaves exactly one
// row, a row that fired has a run, and no run begins twice or is forgotten.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/text.h"
#include "run/resolve.h"
#include "small_daemon.h"

namespace dyno::seams {
namespace {

using namespace std::chrono_literals;
using fakes::FakeClock;
using model::RunState;

model::Schedule every_minute(model::OverlapPolicy overlap, model::MissedPolicy missed = model::MissedPolicy::skip) {
  model::Schedule s;
  s.name = "minutely";
  s.stacks = {"alpha"};
  s.profile = "quick";
  s.cron = "* * * * *";
  s.time_zone = "UTC";
  s.overlap = overlap;
  s.missed = missed;
  return s;
}

class QueueSeam : public testing::Test {
 protected:
  QueueSeam() : database_(std::move(store::Database::open_in_memory().value())) {
    clock_.set_wall(*parse_instant("2026-11-23T01:59:30.000Z"));
  }

  void start(const model::Schedule& schedule) {
    daemon_ = std::make_unique<SmallDaemon>(*database_, clock_, stage_, small_catalog({schedule}));
    clock_.await_waiters(1);
  }
  // As an end by SIGTERM: what runs is interrupted, what waits stays in the database.
  void stop() {
    daemon_->drain();
    daemon_.reset();
  }
  // Each step is a wait of the scheduler, so that it has looked at the clock when this returns.
  void pass(Nanos time) {
    for (Nanos left = time; left > Nanos::zero(); left -= 15s) {
      clock_.await_waiters(1);
      clock_.advance(std::min<Nanos>(left, 15s));
    }
    clock_.await_waiters(1);
  }
  void pass_without_daemon(Nanos time) { clock_.advance(time); }
  std::string post(int number) {
    return daemon_->post_run(R"({"stacks":["beta"],"profile":"quick","seed":")" + std::to_string(number + 1) + "\"}")
        .body;
  }

  // "02:00 fired", "02:01 overlap", oldest first.
  std::vector<std::string> fires() const {
    auto rows = store::Reader(*database_).fires("minutely", 1000).value();
    std::reverse(rows.begin(), rows.end());
    std::vector<std::string> lines;
    for (const model::Fire& fire : rows) {
      const std::string what = fire.skipped ? std::string(to_string(*fire.skipped)) : "fired";
      lines.push_back(format_instant(fire.nominal_at).substr(11, 5) + " " + what +
                      (fire.folded == 1 ? "" : " x" + std::to_string(fire.folded)));
    }
    return lines;
  }
  std::string last_reason() const { return store::Reader(*database_).fires("minutely", 1).value().front().reason; }

  // What holds whatever happened: fired means one stored run, begun at most once; what began and was let go has ended.
  void expect_kept() const {
    const store::Reader reader(*database_);
    const auto begun = stage_.begun();
    const std::set<std::string> distinct(begun.begin(), begun.end());
    for (const std::string& id : distinct)
      EXPECT_LE(std::count(begun.begin(), begun.end(), id), 1 + reader.run(id)->resumed) << "a run began twice";
    const auto rows = reader.fires("minutely", 1000).value();
    std::set<std::string> of_fires;
    for (const model::Fire& fire : rows) {
      if (fire.skipped) {
        EXPECT_FALSE(fire.reason.empty());
        continue;
      }
      const auto run = reader.run(fire.run_id);
      ASSERT_TRUE(run) << "a due time fired, and its run is not there";
      EXPECT_EQ(run->request.nominal_at, fire.nominal_at);
      of_fires.insert(fire.run_id);
    }
    store::RunFilter filter;
    filter.limit = 1000;
    const auto runs = reader.runs(filter);
    ASSERT_TRUE(runs) << runs.error().message;
    for (const model::Run& run : *runs) {
      if (!run.request.schedule.empty()) {
        EXPECT_TRUE(of_fires.contains(run.id)) << "a run that no due time fired";
      }
      if (run.state == RunState::succeeded) {
        EXPECT_TRUE(distinct.contains(run.id));
      }
    }
  }

  FakeClock clock_{FakeClock::Mode::manual};
  std::unique_ptr<store::Database> database_;
  Stage stage_;
  std::unique_ptr<SmallDaemon> daemon_;
};

using Lines = std::vector<std::string>;

TEST_F(QueueSeam, FiresEachDueTimeOnceAndRunsItOnce) {
  start(every_minute(model::OverlapPolicy::skip));
  for (int minute = 1; minute <= 3; ++minute) {
    pass(60s);
    stage_.await_begun(minute);
    stage_.let_go();
    stage_.await_succeeded(minute);
  }
  EXPECT_EQ(fires(), (Lines{"02:00 fired", "02:01 fired", "02:02 fired"}));
  expect_kept();
}

TEST_F(QueueSeam, SkipsWhatOverlapsWithWordsAndFiresAgainAfterwards) {
  start(every_minute(model::OverlapPolicy::skip));
  pass(60s);
  stage_.await_begun(1);
  pass(120s);
  EXPECT_EQ(fires(), (Lines{"02:00 fired", "02:01 overlap", "02:02 overlap"}));
  stage_.let_go();
  stage_.await_succeeded(1);
  pass(60s);
  stage_.await_begun(2);
  EXPECT_EQ(fires().back(), "02:03 fired");
  expect_kept();
}

TEST_F(QueueSeam, QueuesOneRunBehindItsOwnAndNoSecond) {
  start(every_minute(model::OverlapPolicy::queue));
  pass(60s);
  stage_.await_begun(1);
  pass(120s);
  EXPECT_EQ(fires(), (Lines{"02:00 fired", "02:01 fired", "02:02 overlap"}));
  EXPECT_EQ(daemon_->waiting(), 1U);
  stage_.let_go(2);
  stage_.await_begun(2);
  expect_kept();
}

// A full queue passes: the due time is tried again, and what became of it says why.
TEST_F(QueueSeam, TriesAgainWhileTheQueueIsFull) {
  start(every_minute(model::OverlapPolicy::skip));
  for (int i = 0; daemon_->waiting() < run::RunService::kLongestQueue; ++i) post(i);
  pass(30s);
  EXPECT_EQ(fires(), Lines{"02:00 queue_full"}) << "said at once";
  EXPECT_NE(daemon_->schedule_problems()["minutely"].find("the queue is full"), std::string::npos)
      << daemon_->schedule_problems()["minutely"];
  stage_.let_go(2);
  stage_.await_begun(3);
  pass(30s);
  EXPECT_EQ(fires(), Lines{"02:00 fired"}) << "late, under its own due time";
  EXPECT_EQ(daemon_->schedule_problems()["minutely"], "");
  expect_kept();
}

// Issue 16, N11.
TEST_F(QueueSeam, RowN11_SaysAtOnceThatTheQueueIsFullAndOverARestart) {
  start(every_minute(model::OverlapPolicy::skip));
  for (int i = 0; daemon_->waiting() < run::RunService::kLongestQueue; ++i) post(i);
  pass(30s + 2min);
  const Lines full{"02:00 queue_full", "02:01 queue_full", "02:02 queue_full"};
  EXPECT_EQ(fires(), full);
  EXPECT_EQ(last_reason(), "the queue is full: 64 runs are waiting");
  stop();
  start(every_minute(model::OverlapPolicy::skip));
  EXPECT_EQ(fires(), full);
  stage_.let_go(2);
  stage_.await_begun(3);
  pass(30s);
  EXPECT_EQ(fires().back(), "02:02 fired") << "the newest is started late";
  expect_kept();
}

TEST_F(QueueSeam, SettlesWhatCameDueWhileItWasStoppingAndAfterwards) {
  start(every_minute(model::OverlapPolicy::skip));
  pass(60s);
  stage_.await_begun(1);
  daemon_->drain();
  pass(60s);
  EXPECT_EQ(fires(), Lines{"02:00 fired"}) << "a daemon that stops starts nothing and settles nothing";
  daemon_.reset();
  pass_without_daemon(5min);
  start(every_minute(model::OverlapPolicy::skip));
  const auto lines = fires();
  ASSERT_GE(lines.size(), 6U);
  EXPECT_EQ(lines[1], "02:01 daemon_down");
  std::set<std::string> minutes;
  for (const std::string& line : lines)
    EXPECT_TRUE(minutes.insert(line.substr(0, 5)).second) << line << " settled twice";
  EXPECT_EQ(minutes.size(), lines.size());
  expect_kept();
}

TEST_F(QueueSeam, RunsOnceWhatWasMissedWhereTheScheduleSaysSo) {
  start(every_minute(model::OverlapPolicy::skip, model::MissedPolicy::run_once));
  pass(60s);  // a schedule that never fired has missed nothing
  stage_.await_begun(1);
  stage_.let_go();
  stage_.await_succeeded(1);
  stop();
  pass_without_daemon(10min + 30s);
  start(every_minute(model::OverlapPolicy::skip, model::MissedPolicy::run_once));
  stage_.await_begun(2);
  const auto lines = fires();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.ends_with("fired"); }), 2);
  expect_kept();
}

TEST_F(QueueSeam, MissesNothingOfAScheduleThatNeverFired) {
  start(every_minute(model::OverlapPolicy::skip));
  stop();
  pass_without_daemon(2min);
  start(every_minute(model::OverlapPolicy::skip));
  EXPECT_EQ(fires(), (Lines{"02:00 daemon_down", "02:01 fired"}));
}

TEST_F(QueueSeam, RunsAllThatWereMissedOneBehindTheOther) {
  start(every_minute(model::OverlapPolicy::skip, model::MissedPolicy::all));
  stop();
  pass_without_daemon(14min);
  start(every_minute(model::OverlapPolicy::skip, model::MissedPolicy::all));
  const auto lines = fires();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.ends_with("fired"); }), 10);
  stage_.let_go(10);
  stage_.await_succeeded(10);
  expect_kept();
}

TEST_F(QueueSeam, ReplacesItsRunUnderWayAndTheOneThatWaits) {
  start(every_minute(model::OverlapPolicy::replace));
  pass(60s);
  stage_.await_begun(1);
  pass(60s);
  stage_.await_begun(2);
  EXPECT_EQ(fires(), (Lines{"02:00 fired", "02:01 fired"}));
  EXPECT_EQ(store::Reader(*database_).run(stage_.begun()[0])->state, RunState::cancelled);
  stage_.let_go();
  stage_.await_succeeded(1);
  expect_kept();
}

TEST_F(QueueSeam, SkipsARunThatHasWaitedBeyondItsStartDeadline) {
  model::Schedule schedule = every_minute(model::OverlapPolicy::skip);
  schedule.start_deadline = 2min;
  start(schedule);
  post(0);
  stage_.await_begun(1);
  pass(4min);
  ASSERT_EQ(fires().front(), "02:00 fired") << "it waits in the queue";
  const std::string run_id = store::Reader(*database_).fires("minutely", 1000)->back().run_id;
  stage_.let_go();
  stage_.await_succeeded(1);
  while (store::Reader(*database_).run(run_id)->state == RunState::queued) std::this_thread::yield();
  pass(60s);
  stage_.await_begun(2);
  const auto run = store::Reader(*database_).run(run_id);
  EXPECT_EQ(run->state, RunState::skipped);
  EXPECT_EQ(run->reason, "it waited in the queue beyond its start deadline (23 Nov 2026, 02:02 UTC)");
  expect_kept();
}

TEST_F(QueueSeam, LeavesOutWhatItMeasuredUnchangedNotLongAgo) {
  model::Schedule schedule = every_minute(model::OverlapPolicy::skip);
  schedule.only_if_changed = 3min;
  start(schedule);
  pass(60s);
  stage_.await_begun(1);
  stage_.let_go();
  stage_.await_succeeded(1);
  pass(4min);
  stage_.await_begun(2);
  EXPECT_EQ(fires().at(0), "02:00 fired");
  EXPECT_EQ(fires().at(1), "02:01 unchanged");
  EXPECT_TRUE(fires().back().ends_with("fired")) << "often enough all the same";
  expect_kept();
}

// The fire and its run are one transaction: a daemon that dies right behind it finds the run queued and runs it.
TEST_F(QueueSeam, TakesUpAFiredRunThatNeverReachedTheQueue) {
  {
    store::EventFeed feed;
    store::RunRepository repository(*database_, feed);
    model::RunRequest request;
    request.stacks = {"alpha"};
    request.profile = "quick";
    request.seed = 7;
    const auto catalog = small_catalog();
    const auto run = run::resolve(request, catalog.stacks, catalog.profiles, {});
    ASSERT_TRUE(run) << run.error().message;
    clock_.advance(30s);
    ASSERT_TRUE(repository.fire(every_minute(model::OverlapPolicy::skip), clock_.wall_now(), *run, clock_.wall_now()));
  }
  clock_.advance(10s);
  start(every_minute(model::OverlapPolicy::skip));
  stage_.await_begun(1);
  EXPECT_EQ(fires(), Lines{"02:00 fired"});
  stage_.let_go();
  stage_.await_succeeded(1);
  expect_kept();
}

TEST_F(QueueSeam, KeepsItsOrderOverARestart) {
  start(every_minute(model::OverlapPolicy::skip));
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    const std::string body = post(i);
    ids.push_back(body.substr(body.find("\"id\":\"") + 6, 36));
    clock_.advance(1ms);  // ids and creation times in the order of asking
  }
  stage_.await_begun(1);
  stop();
  EXPECT_EQ(store::Reader(*database_).run(ids[0])->state, RunState::queued);
  start(every_minute(model::OverlapPolicy::skip));
  stage_.let_go(4);
  stage_.await_begun(5);
  auto expected = ids;
  expected.insert(expected.begin(), ids[0]);
  EXPECT_EQ(stage_.begun(), expected) << "the first goes on before all others, which follow in their order";
  EXPECT_EQ(store::Reader(*database_).run(ids[0])->resumed, 1);
  expect_kept();
}

}  // namespace
}  // namespace dyno::seams
