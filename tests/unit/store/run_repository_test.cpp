#include "store/run_repository.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "sample_run.h"
#include "store/reader.h"

namespace dyno::store {
namespace {

using model::RunState;

class RunRepositoryTest : public testing::Test {
 protected:
  RunRepositoryTest() {
    nightly_.name = "nightly";
    nightly_.overlap = model::OverlapPolicy::skip;
  }
  std::string queue_at(int second, const model::Job& run = sample_job()) {
    return repository_.enqueue(run, at_second(second))->run_id;
  }
  void end(const std::string& run_id) {
    must_append(journal_, run_id, 500, model::RunStateChanged{RunState::failed, "test"});
  }
  std::vector<std::string> ids(const RunFilter& filter) {
    std::vector<std::string> found;
    const Result<std::vector<model::Run>> runs = reader_.runs(filter);
    EXPECT_TRUE(runs) << runs.error().message;
    for (const model::Run& run : *runs) found.push_back(run.id);
    return found;
  }

  std::unique_ptr<Database> database_ = std::move(*Database::open_in_memory());
  EventFeed feed_;
  Journal journal_{*database_, feed_};
  RunRepository repository_{*database_, feed_};
  Reader reader_{*database_};
  model::Schedule nightly_;
};

TEST_F(RunRepositoryTest, GivesARepeatedRequestItsFirstRunAgain) {
  const RequestKey key{"k1", "body"};
  const auto first = repository_.enqueue(sample_job(), at_second(0), key);
  const auto again = repository_.enqueue(sample_job(), at_second(60), key);
  ASSERT_TRUE(first && again);
  EXPECT_FALSE(first->repeated);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->run_id, first->run_id);
  EXPECT_EQ(repository_.enqueue(sample_job(), at_second(60), RequestKey{"k1", "another"}).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(ids({}).size(), 1U);
  EXPECT_FALSE(repository_.enqueue(sample_job(), at_second(86'401), key)->repeated)
      << "a day later the key is forgotten";
}

TEST_F(RunRepositoryTest, ListsRunsNewestFirstPageByPage) {
  std::vector<std::string> newest_first;
  for (const int second : {1, 2, 2, 2, 3}) newest_first.insert(newest_first.begin(), queue_at(second));
  std::sort(newest_first.begin() + 1, newest_first.begin() + 4, std::greater<>());  // one instant: by id
  EXPECT_EQ(ids({}), newest_first);
  RunFilter page;
  page.limit = 2;
  std::vector<std::string> walked;
  for (int pages = 0; pages < 3; ++pages) {
    const auto runs = reader_.runs(page);
    for (const model::Run& run : *runs) walked.push_back(run.id);
    page.after = RunCursor{runs->back().created_at, runs->back().id};
  }
  EXPECT_EQ(walked, newest_first);
  EXPECT_TRUE(reader_.runs(page)->empty());
}

TEST_F(RunRepositoryTest, FiltersByStateStackScheduleAndTime) {
  const model::Job only_node = sample_job({"node-fastify"});
  const std::string both = queue_at(1);
  const std::string node = queue_at(2, only_node);
  const std::string fired = *repository_.fire(nightly_, at_second(3), sample_job(), at_second(3));
  end(both);
  const struct {
    const char* name;
    RunFilter filter;
    std::vector<std::string> expected;
  } cases[] = {
      {"state", {.states = {RunState::failed, RunState::aborted}}, {both}},
      {"stack", {.stacks = {"go-nethttp"}}, {fired, both}},
      {"either stack", {.stacks = {"go-nethttp", "node-fastify"}}, {fired, node, both}},
      {"schedule", {.schedule = "nightly"}, {fired}},
      {"since", {.since = at_second(2)}, {fired, node}},
      {"all at once",
       {.states = {RunState::queued}, .stacks = {"go-nethttp"}, .schedule = "nightly", .since = at_second(3)},
       {fired}},
  };
  for (const auto& c : cases) EXPECT_EQ(ids(c.filter), c.expected) << c.name;
}

TEST_F(RunRepositoryTest, FiresADueTimeOnlyOnce) {
  const auto first = repository_.fire(nightly_, at_second(100), sample_job(), at_second(101));
  ASSERT_TRUE(first) << first.error().message;
  end(*first);
  const auto again = repository_.fire(nightly_, at_second(100), sample_job(), at_second(160));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_EQ(ids({}).size(), 1U) << "no second run";
  const auto run = reader_.run(*first);
  EXPECT_EQ(run->request.trigger, model::Trigger::schedule);
  EXPECT_EQ(run->request.schedule, "nightly");
  EXPECT_EQ(run->request.nominal_at, at_second(100));
  EXPECT_EQ(reader_.fires_on_record("nightly", at_second(160))->last, at_second(100));
  EXPECT_EQ(reader_.fires_on_record("weekly", at_second(160))->last, std::nullopt);
}

TEST_F(RunRepositoryTest, RecordsAnOverlapAsASkip) {
  const auto first = repository_.fire(nightly_, at_second(100), sample_job(), at_second(101));
  const auto second = repository_.fire(nightly_, at_second(200), sample_job(), at_second(201));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  const auto fires = reader_.fires("nightly", 10);
  ASSERT_EQ(fires->size(), 2U);
  EXPECT_EQ(fires->at(0).skipped, model::SkipReason::overlap);
  EXPECT_EQ(fires->at(0).run_id, "");
  EXPECT_EQ(fires->at(1).run_id, *first);
  EXPECT_FALSE(fires->at(1).skipped);
  EXPECT_EQ(fires->at(0).state, std::nullopt);
  EXPECT_EQ(fires->at(1).state, RunState::queued);
  end(*first);
  EXPECT_TRUE(repository_.fire(nightly_, at_second(300), sample_job(), at_second(301)));
  EXPECT_EQ(reader_.fires("nightly", 10)->back().state, reader_.run(*first)->state) << "as it is now";
}

TEST_F(RunRepositoryTest, QueuesOneRunBehindAnotherWhereThePolicySaysSo) {
  nightly_.overlap = model::OverlapPolicy::queue;
  const auto first = repository_.fire(nightly_, at_second(100), sample_job(), at_second(101));
  EXPECT_FALSE(repository_.fire(nightly_, at_second(200), sample_job(), at_second(201))) << "one waits already";
  must_append(journal_, *first, 210, model::RunStateChanged{RunState::acquiring, {}});
  EXPECT_TRUE(repository_.fire(nightly_, at_second(300), sample_job(), at_second(301)));
}

TEST_F(RunRepositoryTest, QueuesOneRunBehindAnotherThatWasCutOff) {
  nightly_.overlap = model::OverlapPolicy::queue;
  const auto first = repository_.fire(nightly_, at_second(100), sample_job(), at_second(101));
  must_append(journal_, *first, 110, model::RunStateChanged{RunState::acquiring, {}});
  must_append(journal_, *first, 120, model::RunResumed{"the engine went away", 0});
  EXPECT_TRUE(repository_.fire(nightly_, at_second(200), sample_job(), at_second(201)));
  EXPECT_FALSE(repository_.fire(nightly_, at_second(300), sample_job(), at_second(301)));
}

TEST_F(RunRepositoryTest, RecordsASkipOnlyOnce) {
  const model::Fire skip{
      "nightly", at_second(5), at_second(6), "", model::SkipReason::daemon_down, "the daemon was not running", 7};
  EXPECT_TRUE(repository_.skip(skip));
  EXPECT_EQ(repository_.skip(skip).error().code, ErrorCode::conflict);
  EXPECT_EQ(repository_.fire(nightly_, at_second(5), sample_job(), at_second(9)).error().code, ErrorCode::conflict);
  EXPECT_TRUE(ids({}).empty());
  EXPECT_EQ(reader_.fires("nightly", 1)->front().folded, 7);
  EXPECT_EQ(reader_.fires("nightly", 1)->front().reason, "the daemon was not running");
}

TEST_F(RunRepositoryTest, LeavesOverlapToTheOneWhoReplacesAndToThoseThatAreMadeUpFor) {
  nightly_.overlap = model::OverlapPolicy::replace;
  EXPECT_TRUE(repository_.fire(nightly_, at_second(100), sample_job(), at_second(101)));
  EXPECT_TRUE(repository_.fire(nightly_, at_second(200), sample_job(), at_second(201)));
  nightly_.overlap = model::OverlapPolicy::skip;
  nightly_.missed = model::MissedPolicy::all;
  EXPECT_TRUE(repository_.fire(nightly_, at_second(300), sample_job(), at_second(401), true));
  EXPECT_FALSE(repository_.fire(nightly_, at_second(400), sample_job(), at_second(401), false));
}

// Issue 16, N11: the row that says so becomes the fire.
TEST_F(RunRepositoryTest, RowN11_FiresLaterWhatMetAFullQueue) {
  EXPECT_TRUE(repository_.skip(
      {"nightly", at_second(5), at_second(6), "", model::SkipReason::queue_full, "the queue is full", 1}));
  const auto waiting = reader_.fires_on_record("nightly", at_second(7));
  EXPECT_EQ(waiting->last, at_second(5));
  EXPECT_TRUE(waiting->last_waits);
  const auto fired = repository_.fire(nightly_, at_second(5), sample_job(), at_second(9));
  ASSERT_TRUE(fired) << fired.error().message;
  const auto rows = reader_.fires("nightly", 10);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().run_id, *fired);
  EXPECT_FALSE(rows->front().skipped);
  EXPECT_EQ(rows->front().recorded_at, at_second(9));
  EXPECT_FALSE(reader_.fires_on_record("nightly", at_second(10))->last_waits);
}

// Issue 16, N9: what a clock that was ahead skipped is due when its time has come, and what it fired is not.
TEST_F(RunRepositoryTest, RowN9_TakesBackASkipFromLaterThanNowAndNoFire) {
  EXPECT_TRUE(repository_.skip(
      {"nightly", at_second(5), at_second(900), "", model::SkipReason::clock_jump, "the clock was set", 1}));
  const auto ahead = repository_.fire(nightly_, at_second(800), sample_job(), at_second(900));
  ASSERT_TRUE(ahead);
  end(*ahead);
  const auto record = reader_.fires_on_record("nightly", at_second(6));
  EXPECT_EQ(record->last, std::nullopt);
  EXPECT_EQ(record->ahead, at_second(800));
  EXPECT_TRUE(repository_.fire(nightly_, at_second(5), sample_job(), at_second(6)));
  EXPECT_EQ(repository_.fire(nightly_, at_second(800), sample_job(), at_second(801)).error().code, ErrorCode::conflict);
}

TEST_F(RunRepositoryTest, KnowsWhenAScheduleCompletedLast) {
  EXPECT_EQ(*reader_.last_completed("nightly"), std::nullopt);
  const std::string run = *repository_.fire(nightly_, at_second(3), sample_job(), at_second(4));
  EXPECT_EQ(*reader_.last_completed("nightly"), at_second(4)) << "since when it is on record";
  must_append(journal_, run, 90, model::RunStateChanged{RunState::cancelled, {}});
  EXPECT_EQ(*reader_.last_completed("nightly"), at_second(4));
  const std::string good = *repository_.fire(nightly_, at_second(100), sample_job(), at_second(101));
  for (const RunState state : {RunState::acquiring, RunState::preparing, RunState::running, RunState::collecting,
                               RunState::analyzing, RunState::partly})
    must_append(journal_, good, 190, model::RunStateChanged{state, {}});
  EXPECT_GT(*reader_.last_completed("nightly"), at_second(101));
}

TEST_F(RunRepositoryTest, ResumesWhatWasUnderWayAndKeepsTheQueue) {
  const std::string done = queue_at(1);
  const std::string under_way = queue_at(2);
  const std::string waiting_second = queue_at(4);
  const std::string waiting_first = queue_at(3);
  end(done);
  const std::string finished = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
  const std::string open = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e45";
  tell_trial(journal_, under_way, finished);
  must_append(
      journal_, under_way, 30,
      model::TrialStarted{
          open, {1, 1, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
  const auto left = repository_.settle_unfinished(at_second(1000));
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(left->interrupted, std::vector<std::string>{});
  EXPECT_EQ(left->resumed, std::vector<std::string>{under_way});
  EXPECT_EQ(left->queued, (std::vector<std::string>{waiting_first, waiting_second}));
  const auto run = reader_.run(under_way);
  EXPECT_EQ(run->state, RunState::queued);
  EXPECT_EQ(run->resumed, 1);
  EXPECT_FALSE(run->finished_at);
  EXPECT_NE(run->reason, "");
  EXPECT_EQ(reader_.trial(finished)->state, model::TrialState::succeeded);
  EXPECT_EQ(reader_.trial(open)->state, model::TrialState::interrupted);
  EXPECT_EQ(reader_.trial(open)->finished_at, at_second(1000));
  EXPECT_EQ(reader_.trial(open)->attempt, 1);
  const auto events = reader_.events(0, under_way, 100);
  EXPECT_EQ(events->back().state, RunState::queued);
  EXPECT_EQ(events->back().text, "the daemon ended during the run; it goes on after 1 finished trial");
  EXPECT_EQ(repository_.settle_unfinished(at_second(1001))->resumed, std::vector<std::string>{under_way});
  EXPECT_EQ(reader_.events(0, under_way, 100)->size(), events->size()) << "it is told once";
}

// Issue 16, row N5.
TEST_F(RunRepositoryTest, RowN5_ACancelThatWasTakenOutlivesTheDaemon) {
  const std::string under_way = queue_at(1);
  must_append(journal_, under_way, 10, model::RunStateChanged{RunState::acquiring, {}});
  ASSERT_TRUE(repository_.ask_cancel(under_way, at_second(11)));
  EXPECT_EQ(reader_.run(under_way)->state, RunState::acquiring) << "it ends when it is cleaned up";
  const auto left = repository_.settle_unfinished(at_second(1000));
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(left->cancelled, std::vector<std::string>{under_way});
  EXPECT_TRUE(left->resumed.empty());
  EXPECT_EQ(reader_.run(under_way)->state, RunState::cancelled);
  EXPECT_EQ(reader_.run(under_way)->reason, "cancelled on request");
}

// Row N13: whatever the clock says by then.
TEST_F(RunRepositoryTest, RowN13_NothingEndsBeforeItBegan) {
  const std::string id = queue_at(5000);
  must_append(journal_, id, 5001, model::RunStateChanged{RunState::acquiring, {}});
  const std::string trial = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e45";
  must_append(
      journal_, id, 5002,
      model::TrialStarted{
          trial, {1, 0, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
  must_append(journal_, id, 1400, model::RunStateChanged{RunState::failed, "the clock went back"});
  const auto run = reader_.run(id);
  EXPECT_EQ(run->finished_at, run->started_at);
  EXPECT_EQ(reader_.trial(trial)->finished_at, reader_.trial(trial)->started_at);
  const std::string waiting = queue_at(5003);
  must_append(journal_, waiting, 1400, model::RunStateChanged{RunState::cancelled, ""});
  EXPECT_EQ(reader_.run(waiting)->finished_at, reader_.run(waiting)->created_at);
}

TEST_F(RunRepositoryTest, InterruptsWhatWasUnderWayWhereNothingIsResumed) {
  const std::string under_way = queue_at(1);
  must_append(journal_, under_way, 10, model::RunStateChanged{RunState::acquiring, {}});
  const auto left =
      repository_.settle_unfinished(at_second(1000), {.rule = {.policy = model::ResumePolicy::never}, .boot_id = "a"});
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(left->interrupted, std::vector<std::string>{under_way});
  EXPECT_TRUE(left->resumed.empty());
  const auto run = reader_.run(under_way);
  EXPECT_EQ(run->state, RunState::interrupted);
  EXPECT_EQ(run->finished_at, at_second(1000));
  EXPECT_EQ(run->reason, "the daemon ended during the run; the configuration resumes no run");
}

}  // namespace
}  // namespace dyno::store
