#include "run/run_service.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <utility>

#include "fakes/fake_clock.h"

namespace dyno::run {
namespace {

// Executes jobs only when the test lets it, and records in what order.
class Stage {
 public:
  RunServiceCalls calls() {
    return {.execute =
                [this](const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
                  return execute(job, std::move(stop), interrupting);
                },
            .tell = [this](const std::string& id, const model::RunEvent& event) { return tell(id, event); }};
  }

  void await(const std::string& line) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); });
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    ++permits_;
    changed_.notify_all();
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  // Nothing is stored while the disk is full.
  void disk(bool is_full) {
    const std::lock_guard lock(mutex_);
    is_full_ = is_full;
  }

 private:
  Status tell(const std::string& id, const model::RunEvent& event) {
    {
      const std::lock_guard lock(mutex_);
      if (is_full_) return fail(ErrorCode::storage, "the disk is full");
    }
    const auto* const state = std::get_if<model::RunStateChanged>(&event);
    note(id + " " + (state == nullptr ? "resumed" : std::string(to_string(state->state))));
    return {};
  }
  Executed execute(const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
    note("begin " + job.run_id);
    bool stopped = false;
    {
      std::unique_lock lock(mutex_);
      stopped = !changed_.wait(lock, stop, [&] { return permits_ > 0; });
      if (!stopped) --permits_;
    }
    note((stopped ? (interrupting() ? "interrupted " : "cancelled ") : "end ") + job.run_id);
    return {.state = stopped ? model::RunState::cancelled : model::RunState::succeeded};
  }
  void note(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::string> lines_;
  int permits_ = 0;
  bool is_full_ = false;
};

model::Job job(const std::string& id) {
  model::Job j;
  j.run_id = id;
  return j;
}

TEST(RunService, ExecutesOneRunAtATimeInOrder) {
  Stage stage;
  fakes::FakeClock clock;
  RunService service(stage.calls(), clock);
  service.enqueue(job("a"));
  service.enqueue(job("b"));
  stage.await("begin a");
  ASSERT_EQ(service.queue().size(), 2U);
  EXPECT_TRUE(service.queue()[0].running);
  EXPECT_EQ(service.queue()[1].run_id, "b");
  stage.let_go();
  stage.await("begin b");
  stage.let_go();
  stage.await("end b");
  EXPECT_EQ(stage.lines(), (std::vector<std::string>{"begin a", "end a", "begin b", "end b"}));
}

TEST(RunService, CancelsAQueuedRunAtOnceAndARunningOneByItsStopToken) {
  Stage stage;
  fakes::FakeClock clock;
  RunService service(stage.calls(), clock);
  service.enqueue(job("a"));
  stage.await("begin a");
  service.enqueue(job("b"));
  EXPECT_TRUE(service.cancel("b"));
  EXPECT_TRUE(service.cancel("a"));
  stage.await("cancelled a");
  EXPECT_EQ(stage.lines(), (std::vector<std::string>{"begin a", "b cancelled", "cancelled a"}));
  EXPECT_EQ(service.cancel("c").error().code, ErrorCode::not_found);
}

TEST(RunService, InterruptsTheRunUnderWayWhenItEnds) {
  Stage stage;
  fakes::FakeClock clock;
  {
    RunService service(stage.calls(), clock);
    service.enqueue(job("a"));
    stage.await("begin a");
    service.enqueue(job("b"));
  }
  EXPECT_EQ(stage.lines(), (std::vector<std::string>{"begin a", "interrupted a"}));
}

TEST(RunService, RefusesWhenTheQueueIsFullOrTheDaemonStops) {
  Stage stage;
  fakes::FakeClock clock;
  RunService service(stage.calls(), clock);
  service.enqueue(job("running"));
  stage.await("begin running");
  EXPECT_EQ(service.admission(), Admission::open);
  for (std::size_t i = 0; i < RunService::kLongestQueue; ++i) service.enqueue(job(std::to_string(i)));
  EXPECT_EQ(service.admission(), Admission::full);
  service.drain();
  EXPECT_EQ(service.admission(), Admission::draining);
}

model::Job job_of(const std::string& id, model::Trigger trigger) {
  model::Job j = job(id);
  j.request.trigger = trigger;
  return j;
}

// What waits, in its order.
std::vector<std::string> waiting(const RunService& service) {
  std::vector<std::string> ids;
  for (const QueueEntry& entry : service.queue()) {
    if (!entry.running) ids.push_back(entry.run_id);
  }
  return ids;
}

TEST(RunService, PutsWhatSomebodyWaitsForBeforeWhatAScheduleAskedFor) {
  Stage stage;
  fakes::FakeClock clock;
  RunService service(stage.calls(), clock, {.opened = false});
  service.enqueue(job_of("s1", model::Trigger::schedule));
  service.enqueue(job_of("c1", model::Trigger::confirm));
  service.enqueue(job_of("m1", model::Trigger::manual));
  service.enqueue(job_of("s2", model::Trigger::schedule));
  service.enqueue(job_of("a1", model::Trigger::api));
  service.enqueue(job_of("cut", model::Trigger::schedule), Arrival::begun);
  EXPECT_EQ(waiting(service), (std::vector<std::string>{"cut", "m1", "a1", "c1", "s1", "s2"}));
}

TEST(RunService, MovesWhatWaitsAndKeepsThat) {
  Stage stage;
  fakes::FakeClock clock;
  RunServiceCalls calls = stage.calls();
  std::vector<std::string> kept;
  bool is_full = false;
  calls.keep_order = [&](const std::vector<std::string>& ids) -> Status {
    if (is_full) return fail(ErrorCode::storage, "the disk is full");
    kept = ids;
    return {};
  };
  RunService service(std::move(calls), clock, {.opened = false});
  service.enqueue(job_of("cut", model::Trigger::schedule), Arrival::begun);
  for (const char* const id : {"a", "b", "c"}) service.enqueue(job(id));
  using Ids = std::vector<std::string>;
  EXPECT_TRUE(service.move("c", 2));
  EXPECT_EQ(waiting(service), (Ids{"cut", "c", "a", "b"}));
  EXPECT_TRUE(service.move("c", 1));
  EXPECT_EQ(waiting(service), (Ids{"cut", "c", "a", "b"})) << "what was cut off stays in front";
  EXPECT_TRUE(service.move("c", 900));
  EXPECT_EQ(waiting(service), (Ids{"cut", "a", "b", "c"}));
  EXPECT_TRUE(service.move("b", 2));
  EXPECT_EQ(kept, (Ids{"cut", "b", "a", "c"}));
  EXPECT_EQ(service.move("cut", 3).error().code, ErrorCode::conflict);
  EXPECT_EQ(service.move("gone", 1).error().code, ErrorCode::not_found);
  is_full = true;
  EXPECT_EQ(service.move("c", 2).error().code, ErrorCode::storage);
  EXPECT_EQ(waiting(service), kept) << "what was not stored was not done";
}

TEST(RunService, KeepsTheOrderAsItIsWhereTwoMoveAtOnce) {
  Stage stage;
  fakes::FakeClock clock;
  RunServiceCalls calls = stage.calls();
  std::vector<std::string> kept;
  std::function<void()> meanwhile;
  calls.keep_order = [&](const std::vector<std::string>& ids) -> Status {
    if (const auto move = std::exchange(meanwhile, nullptr)) move();
    kept = ids;
    return {};
  };
  RunService service(std::move(calls), clock, {.opened = false});
  for (const char* const id : {"a", "b", "c"}) service.enqueue(job(id));
  meanwhile = [&service] { EXPECT_TRUE(service.move("c", 1)); };
  EXPECT_TRUE(service.move("b", 1));
  EXPECT_EQ(waiting(service), (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_EQ(kept, waiting(service));
}

// An engine that the test takes away and gives back, and runs that are cut off where it is away.
class HeldQueue : public testing::Test {
 protected:
  ~HeldQueue() override { stage_.let_go(); }

  RunServiceCalls calls() {
    RunServiceCalls calls = stage_.calls();
    calls.tend = [this]() -> std::optional<Trouble> {
      const std::lock_guard lock(mutex_);
      ++looks_;
      if (is_up_) return std::nullopt;
      return Trouble{HoldKind::engine_down, "no socket"};
    };
    calls.execute = [this](const model::Job& job, const std::stop_token&, const std::function<bool()>&) -> Executed {
      const std::lock_guard lock(mutex_);
      lines_.push_back(job.run_id);
      if (job.run_id != cut_off_) return {.state = model::RunState::succeeded};
      cut_off_.clear();
      is_up_ = false;
      return {.state = model::RunState::queued};
    };
    calls.held = [this](const std::optional<Hold>& hold, Nanos) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(hold ? "held" : "goes on");
    };
    return calls;
  }
  void engine(bool is_up) {
    const std::lock_guard lock(mutex_);
    is_up_ = is_up;
  }
  // The service has nothing to do before the clock moves.
  void settle_down() { clock_.await_waiters(1); }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  int looks() {
    const std::lock_guard lock(mutex_);
    return looks_;
  }

  Stage stage_;
  fakes::FakeClock clock_{fakes::FakeClock::Mode::manual};
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::string cut_off_;
  bool is_up_ = true;
  int looks_ = 0;
};

using Lines = std::vector<std::string>;

TEST(RunService, HoldsTheQueueForWhatCannotBeRemovedAndForAnEngineThatIsGone) {
  const Error busy{ErrorCode::conflict, "device is busy"};
  const Error gone{ErrorCode::unavailable, "no socket"};
  struct Row {
    Result<Swept> swept;
    std::string words;  // empty: no trouble
  };
  const Row rows[] = {
      {Swept{{"removed"}, {}}, ""},
      {fail(gone), "engine_down: no socket"},
      {Swept{{}, {{"a", busy}, {"b", gone}}}, "engine_down: no socket"},
      {Swept{{}, {{"a", busy}, {"b", busy}}},
       "leftovers: a cannot be removed: device is busy; b cannot be removed: device is busy"},
  };
  for (const Row& row : rows) {
    const auto trouble = trouble_of(row.swept);
    ASSERT_EQ(trouble.has_value(), !row.words.empty()) << row.words;
    if (!trouble) continue;
    EXPECT_EQ(std::string(to_string(trouble->kind)) + ": " + trouble->text, row.words);
  }
}

// Issue 16, row N1.
TEST_F(HeldQueue, HoldsTheQueueWhileTheEngineIsAwayAndLosesNothing) {
  cut_off_ = "a";
  RunService service(calls(), clock_, {.opened = false});
  for (const char* const id : {"a", "b", "c"}) service.enqueue(job(id));
  service.open();
  settle_down();
  EXPECT_EQ(lines(), (Lines{"a", "held"}));
  ASSERT_TRUE(service.hold());
  EXPECT_EQ(describe(*service.hold()), "engine_down since 1 Jan 2026, 00:00 UTC: no socket");
  ASSERT_EQ(service.queue().size(), 3U);
  EXPECT_EQ(service.queue()[0].run_id, "a") << "it goes on before those that never began";
  clock_.advance(std::chrono::minutes(10));
  settle_down();
  EXPECT_EQ(lines(), (Lines{"a", "held"})) << "told once";
  engine(true);
  clock_.advance(std::chrono::seconds(30));
  settle_down();
  EXPECT_EQ(lines(), (Lines{"a", "held", "goes on", "a", "b", "c"}));
  EXPECT_FALSE(service.hold());
}

TEST_F(HeldQueue, GivesUpARunThatHasBegunWhenTheEngineStaysAwayAndKeepsTheOthers) {
  cut_off_ = "a";
  RunService service(calls(), clock_, {.opened = false, .engine_wait = std::chrono::minutes(30)});
  for (const char* const id : {"a", "b"}) service.enqueue(job(id));
  service.open();
  settle_down();
  clock_.advance(std::chrono::minutes(31));
  stage_.await("a interrupted");
  settle_down();
  ASSERT_EQ(service.queue().size(), 1U);
  EXPECT_EQ(service.queue()[0].run_id, "b");
  clock_.advance(std::chrono::hours(48));
  settle_down();
  EXPECT_EQ(service.queue().size(), 1U) << "what never began waits as long as it takes";
}

// Issue 16, row N3.
TEST_F(HeldQueue, TendsTheEngineBeforeTheFirstRunAfterEachAndEveryMinute) {
  RunService service(calls(), clock_, {.opened = false});
  service.enqueue(job("a"));
  EXPECT_EQ(looks(), 0) << "nothing is touched before it is opened";
  engine(false);
  service.open();
  settle_down();
  EXPECT_EQ(lines(), (Lines{"held"})) << "no run begins beside what is left";
  engine(true);
  clock_.advance(std::chrono::seconds(30));
  settle_down();
  EXPECT_EQ(lines(), (Lines{"held", "goes on", "a"}));
  const int before = looks();
  clock_.advance(std::chrono::seconds(61));
  settle_down();
  EXPECT_EQ(looks(), before + 1);
}

TEST_F(HeldQueue, CancelsWhatIsCutOffAtThatMoment) {
  RunService* service = nullptr;
  RunServiceCalls cancelling = calls();
  cancelling.execute = [&service](const model::Job& job, const std::stop_token&, const std::function<bool()>&) {
    EXPECT_TRUE(service->cancel(job.run_id));
    return Executed{.state = model::RunState::queued};
  };
  RunService held(std::move(cancelling), clock_, {.opened = false});
  service = &held;
  held.enqueue(job("a"));
  held.open();
  settle_down();
  EXPECT_EQ(stage_.lines(), Lines{"a cancelled"});
  EXPECT_TRUE(held.queue().empty());
}

TEST_F(HeldQueue, CancelsWhatWaitsForTheEngine) {
  cut_off_ = "a";
  RunService service(calls(), clock_);
  service.enqueue(job("a"));
  for (int i = 0; i < 1000 && !service.hold(); ++i) settle_down();
  ASSERT_TRUE(service.hold());
  EXPECT_TRUE(service.cancel("a"));
  EXPECT_EQ(stage_.lines(), Lines{"a cancelled"});
}

// Issue 16, row N4: what could not be stored is told when there is room, and no run begins before.
TEST_F(HeldQueue, RowN4_TellsAnEndWhenThereIsRoom) {
  RunServiceCalls full = calls();
  full.execute = [this](const model::Job& job, const std::stop_token&, const std::function<bool()>&) -> Executed {
    const std::lock_guard lock(mutex_);
    lines_.push_back(job.run_id);
    if (job.run_id != "a" || lines_.size() > 1) return {.state = model::RunState::succeeded};
    return {.state = model::RunState::queued, .untold = model::RunResumed{"the disk is full", 0}};
  };
  stage_.disk(true);
  RunService service(std::move(full), clock_, {.opened = false});
  for (const char* const id : {"a", "b"}) service.enqueue(job(id));
  service.open();
  settle_down();
  EXPECT_EQ(lines(), (Lines{"a", "held"}));
  ASSERT_TRUE(service.hold());
  EXPECT_EQ(describe(*service.hold()), "storage_full since 1 Jan 2026, 00:00 UTC: the disk is full");
  EXPECT_EQ(stage_.lines(), Lines{});
  clock_.advance(std::chrono::hours(2));
  settle_down();
  EXPECT_EQ(lines(), (Lines{"a", "held"})) << "longer than the engine is waited for";
  stage_.disk(false);
  clock_.advance(std::chrono::seconds(11));
  settle_down();
  EXPECT_EQ(stage_.lines(), Lines{"a resumed"});
  EXPECT_EQ(lines(), (Lines{"a", "held", "goes on", "a", "b"}));
}

// Row N5: what was answered with an error was not done; what was answered well is on record.
TEST(RunService, RowN5_CancelsNothingThatItCannotKeep) {
  Stage stage;
  fakes::FakeClock clock;
  RunServiceCalls calls = stage.calls();
  bool is_kept = false;
  calls.keep_cancel = [&](const std::string&) {
    return is_kept ? Status() : fail(ErrorCode::storage, "the disk is full");
  };
  RunService service(std::move(calls), clock);
  service.enqueue(job("a"));
  stage.await("begin a");
  service.enqueue(job("b"));
  stage.disk(true);
  for (const char* const id : {"a", "b"}) EXPECT_EQ(service.cancel(id).error().code, ErrorCode::storage) << id;
  ASSERT_EQ(service.queue().size(), 2U);
  EXPECT_EQ(service.queue()[1].run_id, "b") << "it keeps its place";
  stage.disk(false);
  is_kept = true;
  EXPECT_TRUE(service.cancel("b"));
  EXPECT_TRUE(service.cancel("a"));
  stage.await("cancelled a");
  EXPECT_EQ(stage.lines(), (Lines{"begin a", "b cancelled", "cancelled a"}));
}

}  // namespace
}  // namespace dyno::run
