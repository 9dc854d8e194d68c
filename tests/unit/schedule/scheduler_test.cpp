#include "schedule/scheduler.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "fakes/fake_clock.h"

namespace dyno::schedule {
namespace {

using fakes::FakeClock;
using namespace std::chrono_literals;

// Records what the scheduler asks for, as the store would: a due time is settled once, but for what found the queue full.
class Record {
 public:
  explicit Record(const Clock& clock) : now_([&clock] { return clock.wall_now(); }) {}

  SchedulerActions actions() {
    return {.fire = [this](const model::Schedule& s, WallTime at, bool made_up) { return fire(s.name, at, made_up); },
            .skip = [this](const model::Fire& f) { return skip(f); },
            .known_since = [this](WallTime now) { return known_since(now); },
            .on_record = [this](const std::string& name, WallTime now) { return on_record(name, now); },
            .last_completed = [this](const std::string&) -> Result<std::optional<WallTime>> {
              const std::lock_guard lock(mutex_);
              return completed_;
            },
            .told =
                [this](const std::string& name, const std::string& text) {
                  const std::lock_guard lock(mutex_);
                  log_.push_back(name + ": " + text);
                }};
  }
  void fail_with(std::optional<FireOutcome> outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
  }
  void complete(WallTime at) {
    const std::lock_guard lock(mutex_);
    completed_ = at;
  }
  void disk(bool is_full) {
    const std::lock_guard lock(mutex_);
    is_full_ = is_full;
  }
  void forget_since(bool forgets) {
    const std::lock_guard lock(mutex_);
    forgets_since_ = forgets;
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::vector<std::string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

 private:
  FireOutcome fire(const std::string& name, WallTime at, bool made_up) {
    const std::lock_guard lock(mutex_);
    if (outcome_) return *outcome_;
    Settled& settled = settled_[name][at];
    if (settled.fired || (settled.recorded_at != WallTime() && !settled.waits && settled.recorded_at <= now_()))
      return {Fired::settled_before};
    settled = {now_(), false, true};
    lines_.push_back((made_up ? "make up for " : "fire ") + name + " " + format_instant(at));
    return {};
  }
  Status skip(const model::Fire& f) {
    const std::lock_guard lock(mutex_);
    if (is_full_) return fail(ErrorCode::storage, "the disk is full");
    settled_[f.schedule].try_emplace(f.nominal_at, Settled{f.recorded_at, model::is_so_far(*f.skipped), false});
    lines_.push_back("skip " + f.schedule + " " + format_instant(f.nominal_at) + " " +
                     std::string(model::to_string(*f.skipped)) + ": " + f.reason);
    return {};
  }
  Result<model::FiresOnRecord> on_record(const std::string& name, WallTime now) {
    const std::lock_guard lock(mutex_);
    model::FiresOnRecord record;
    for (const auto& [at, settled] : settled_[name]) {
      if (at > now) record.ahead = at;
      if (at > now || (!settled.fired && settled.recorded_at > now)) continue;
      record.last = at;
      record.last_waits = settled.waits;
    }
    return record;
  }
  Result<std::map<std::string, WallTime>> known_since(WallTime now) {
    const std::lock_guard lock(mutex_);
    if (forgets_since_) return fail(ErrorCode::unavailable, "the disk is full");
    for (const char* name : {"nightly", "often", "new", "s0", "s1", "s2", "s3"}) known_.try_emplace(name, now);
    return known_;
  }

  struct Settled {
    WallTime recorded_at;
    bool waits = false;
    bool fired = false;
  };
  const std::function<WallTime()> now_;

  mutable std::mutex mutex_;
  std::optional<FireOutcome> outcome_;
  std::optional<WallTime> completed_;
  bool forgets_since_ = false;
  bool is_full_ = false;
  std::vector<std::string> lines_;
  std::vector<std::string> log_;
  std::map<std::string, std::map<WallTime, Settled>> settled_;
  std::map<std::string, WallTime> known_;
};

model::Schedule schedule_of(const std::string& name, const std::string& cron) {
  model::Schedule s;
  s.name = name;
  s.cron = cron;
  s.time_zone = "UTC";
  return s;
}

using Lines = std::vector<std::string>;

class SchedulerTest : public testing::Test {
 protected:
  void SetUp() override { clock_.set_wall(*parse_instant("2026-11-23T01:58:45.000Z")); }
  // Lets the scheduler take `count` looks at the clock, each after the longest wait.
  void pass(Nanos time) {
    for (Nanos left = time; left > Nanos::zero(); left -= 15s) {
      clock_.await_waiters(1);
      clock_.advance(std::min<Nanos>(left, 15s));
    }
    clock_.await_waiters(1);
  }

  FakeClock clock_{FakeClock::Mode::manual};
  Record record_{clock_};
};

TEST_F(SchedulerTest, FiresAtTheMinuteAndOnce) {
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *"), schedule_of("often", "*/2 * * * *")},
                            record_.actions());
  pass(74s);
  EXPECT_EQ(record_.lines(), Lines{}) << "a second to go";
  pass(1s);
  EXPECT_EQ(record_.lines(), (Lines{"fire nightly 2026-11-23T02:00:00.000Z", "fire often 2026-11-23T02:00:00.000Z"}));
  pass(119s);
  EXPECT_EQ(record_.lines().size(), 2U);
  pass(1s);
  EXPECT_EQ(record_.lines().back(), "fire often 2026-11-23T02:02:00.000Z");
}

TEST_F(SchedulerTest, FollowsAClockThatIsSetForward) {
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 3 * * *")}, record_.actions());
  clock_.await_waiters(1);
  clock_.set_wall(*parse_instant("2026-11-23T03:00:05.000Z"));
  pass(30s);
  EXPECT_EQ(record_.lines(), Lines{"fire nightly 2026-11-23T03:00:00.000Z"});
}

TEST_F(SchedulerTest, RepeatsNothingAfterAClockWasSetBack) {
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *")}, record_.actions());
  pass(90s);
  ASSERT_EQ(record_.lines().size(), 1U);
  clock_.set_wall(*parse_instant("2026-11-23T01:59:00.000Z"));
  pass(180s);
  EXPECT_EQ(record_.lines().size(), 1U);
}

TEST_F(SchedulerTest, TriesAgainWhatCouldNotBeStored) {
  record_.fail_with(FireOutcome{Fired::not_now, "the disk is full"});
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *")}, record_.actions());
  pass(90s);
  EXPECT_EQ(record_.lines(), Lines{});
  EXPECT_EQ(scheduler.problems(), (std::map<std::string, std::string>{{"nightly", "the disk is full"}}));
  record_.fail_with(std::nullopt);
  pass(30s);
  EXPECT_EQ(record_.lines(), Lines{"fire nightly 2026-11-23T02:00:00.000Z"});
  EXPECT_TRUE(scheduler.problems().empty());
  EXPECT_EQ(record_.log(), Lines{"nightly: the disk is full"}) << "said once";
}

TEST_F(SchedulerTest, SaysWhatKeptItFromFiringUntilTheDeadline) {
  model::Schedule schedule = schedule_of("nightly", "0 2 * * *");
  schedule.start_deadline = 3min;
  record_.fail_with(FireOutcome{Fired::not_now, "the disk is full"});
  const Scheduler scheduler(clock_, {schedule}, record_.actions());
  pass(5min);
  EXPECT_EQ(record_.lines(),
            Lines{"skip nightly 2026-11-23T02:00:00.000Z deadline: it could not be started in time: the disk is full"});
}

// Issue 16, N11: said at once, once, and it may yet start.
TEST_F(SchedulerTest, RowN11_RecordsAFullQueueAtOnceAndTriesAgain) {
  record_.fail_with(FireOutcome{Fired::no_place, "the queue is full", model::SkipReason::queue_full});
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *")}, record_.actions());
  pass(3min);
  const std::string full = "skip nightly 2026-11-23T02:00:00.000Z queue_full: the queue is full";
  EXPECT_EQ(record_.lines(), Lines{full});
  EXPECT_EQ(record_.log(), Lines{"nightly: the queue is full"});
  EXPECT_EQ(scheduler.problems(), (std::map<std::string, std::string>{{"nightly", "the queue is full"}}));
  record_.fail_with(std::nullopt);
  pass(30s);
  EXPECT_EQ(record_.lines(), (Lines{full, "fire nightly 2026-11-23T02:00:00.000Z"}));
  EXPECT_TRUE(scheduler.problems().empty());
}

// Issue 16, N6: the true reason, also where there was no room to record it before it was too late.
TEST_F(SchedulerTest, RowN6_SaysThatTheDiskWasLowAndTriesAgain) {
  model::Schedule schedule = schedule_of("nightly", "0 2 * * *");
  schedule.start_deadline = 10min;
  record_.fail_with(FireOutcome{Fired::no_place, "1.8 MiB free", model::SkipReason::disk_low});
  const Scheduler scheduler(clock_, {schedule}, record_.actions());
  pass(3min);
  const std::string low = "skip nightly 2026-11-23T02:00:00.000Z disk_low: 1.8 MiB free";
  EXPECT_EQ(record_.lines(), Lines{low});
  record_.fail_with(std::nullopt);
  pass(30s);
  EXPECT_EQ(record_.lines(), (Lines{low, "fire nightly 2026-11-23T02:00:00.000Z"}));
}

TEST_F(SchedulerTest, RowN6_RecordsALowDiskOnceThereIsRoomForThat) {
  model::Schedule schedule = schedule_of("nightly", "0 2 * * *");
  schedule.start_deadline = 3min;
  record_.fail_with(FireOutcome{Fired::no_place, "the disk is full", model::SkipReason::disk_low});
  record_.disk(true);
  const Scheduler scheduler(clock_, {schedule}, record_.actions());
  pass(10min);
  EXPECT_EQ(record_.lines(), Lines{});
  record_.disk(false);
  pass(1min);
  EXPECT_EQ(record_.lines(),
            Lines{"skip nightly 2026-11-23T02:00:00.000Z disk_low: it could not be started in time: the disk is full"});
}

// The daemon was there all the time: "it was not running" would be a lie. Nothing can be stored at first, over a change of schedules.
TEST_F(SchedulerTest, SaysTheTrueReasonOfAllThatCameDueWhileNothingCouldBeStored) {
  const std::vector<model::Schedule> often{schedule_of("often", "*/10 * * * *")};
  record_.fail_with(FireOutcome{Fired::no_place, "/state is read-only", model::SkipReason::disk_low});
  record_.disk(true);
  Scheduler first(clock_, often, record_.actions());
  pass(15min);
  const Scheduler scheduler(clock_, often, record_.actions(), first.end());
  pass(20min);
  EXPECT_EQ(record_.lines(), Lines{});
  EXPECT_EQ(scheduler.problems(), (std::map<std::string, std::string>{{"often", "the disk is full"}}));
  record_.fail_with(std::nullopt);
  record_.disk(false);
  pass(30s);
  const std::string why = ".000Z disk_low: it could not be started in time: /state is read-only";
  EXPECT_EQ(record_.lines(), (Lines{"skip often 2026-11-23T02:00:00" + why, "skip often 2026-11-23T02:10:00" + why,
                                    "skip often 2026-11-23T02:20:00" + why, "fire often 2026-11-23T02:30:00.000Z"}));
  EXPECT_TRUE(scheduler.problems().empty());
}

TEST_F(SchedulerTest, SkipsWhatCannotRunAsItStands) {
  record_.fail_with(FireOutcome{Fired::skipped, "there is no stack \"go-gnu\""});
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *")}, record_.actions());
  pass(75s);
  EXPECT_EQ(record_.lines(), Lines{"skip nightly 2026-11-23T02:00:00.000Z invalid: there is no stack \"go-gnu\""});
  EXPECT_EQ(scheduler.problems()["nightly"], "there is no stack \"go-gnu\"");
}

// Issue 16, N9: a clock that was two days ahead.
TEST_F(SchedulerTest, RowN9_IsNotSilencedByAClockThatWasAhead) {
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *"), schedule_of("new", "30 2 * * *")},
                            record_.actions());
  clock_.await_waiters(1);
  clock_.set_wall(*parse_instant("2026-11-25T01:59:45.000Z"));
  pass(60s);
  const auto has = [&](const std::string& line) {
    const auto lines = record_.lines();
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  };
  EXPECT_TRUE(has("fire nightly 2026-11-25T02:00:00.000Z"));
  EXPECT_TRUE(has("skip nightly 2026-11-24T02:00:00.000Z clock_jump: the clock was set forward over it"));
  EXPECT_TRUE(scheduler.notices().empty());
  clock_.set_wall(*parse_instant("2026-11-23T01:59:00.000Z"));
  pass(30s);
  EXPECT_EQ(scheduler.notices()["nightly"],
            "the clock was ahead: due times up to 25 Nov 2026, 02:00 UTC are on record already, and what was started "
            "then is not started again");
  EXPECT_EQ(record_.log().size(), 2U) << "and in the log, of each";
  pass(60s);
  EXPECT_TRUE(has("fire nightly 2026-11-23T02:00:00.000Z")) << "it was skipped by a clock that was ahead";
  pass(30min);
  EXPECT_TRUE(has("fire new 2026-11-23T02:30:00.000Z")) << "also one that has never fired";
  EXPECT_TRUE(scheduler.problems().empty());
}

TEST_F(SchedulerTest, ReportsAMissingNight) {
  model::Schedule schedule = schedule_of("nightly", "0 2 * * *");
  schedule.expect_every = 25h;
  record_.complete(*parse_instant("2026-11-22T00:59:30.000Z"));
  const Scheduler scheduler(clock_, {schedule}, record_.actions());
  clock_.await_waiters(1);
  EXPECT_TRUE(scheduler.problems().empty());
  pass(60s);
  EXPECT_EQ(scheduler.problems()["nightly"], "no run has completed since 22 Nov 2026, 00:59 UTC (expected every 25 h)");
  record_.complete(clock_.wall_now());
  pass(30s);
  EXPECT_TRUE(scheduler.problems().empty());
}

TEST_F(SchedulerTest, TakesNothingForMissedWhileItCannotLearnSinceWhenItIsKnown) {
  model::Schedule schedule = schedule_of("nightly", "0 1 * * *");
  schedule.expect_every = 25h;
  record_.forget_since(true);
  const Scheduler scheduler(clock_, {schedule}, record_.actions());
  pass(30s);
  EXPECT_EQ(scheduler.problems(), (std::map<std::string, std::string>{{"nightly", "the disk is full"}}));
  record_.forget_since(false);
  pass(30s);
  EXPECT_EQ(record_.lines(), Lines{});
  EXPECT_TRUE(scheduler.problems().empty());
}

TEST_F(SchedulerTest, TakesASuspendForDowntimeAndALongStepForNone) {
  for (const bool suspended : {true, false}) {
    Record record(clock_);
    clock_.set_wall(*parse_instant("2026-11-23T01:58:45.000Z"));
    const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *")}, record.actions());
    clock_.await_waiters(1);
    if (suspended) {
      clock_.suspend(4h);
    } else {
      clock_.set_wall(clock_.wall_now() + 4h);
    }
    pass(30s);
    EXPECT_EQ(record.lines(), Lines{suspended ? "make up for nightly 2026-11-23T02:00:00.000Z"
                                              : "skip nightly 2026-11-23T02:00:00.000Z clock_jump: the clock was set "
                                                "forward over it"});
  }
}

// A day and more of a machine that restarts, sleeps and changes its clocks: each due time is fired or skipped once.
TEST_F(SchedulerTest, SettlesEveryDueTimeOnceOverRestartsSuspendsAndChangesOfTheClocks) {
  std::vector<model::Schedule> schedules;
  for (const char* cron : {"30 2 * * *", "*/20 * * * *", "0 1-4 * * *", "H H * * *"}) {
    model::Schedule schedule = schedule_of("s" + std::to_string(schedules.size()), cron);
    schedule.time_zone = "Europe/Berlin";
    schedule.missed = schedules.size() % 2 == 0 ? model::MissedPolicy::all : model::MissedPolicy::run_once;
    schedule.jitter = schedules.size() == 2 ? 10min : 0min;
    schedules.push_back(schedule);
  }
  for (const char* begin : {"2026-03-28T12:00:00.000Z", "2026-10-24T12:00:00.000Z"}) {
    Record record(clock_);
    clock_.set_wall(*parse_instant(begin));
    const WallTime from = clock_.wall_now();
    std::optional<Scheduler> scheduler;
    scheduler.emplace(clock_, schedules, record.actions());
    for (int quarter = 0; quarter < 26 * 4; ++quarter) {
      pass(15min);
      if (quarter % 9 == 4) clock_.suspend(std::chrono::minutes(quarter));
      if (quarter % 7 == 3) {
        scheduler.reset();
        clock_.advance(std::chrono::minutes(quarter % 50));
        scheduler.emplace(clock_, schedules, record.actions());
      }
    }
    pass(30s);
    std::map<std::string, int> count;
    for (const std::string& line : record.lines()) {
      const std::size_t at = line.find(" s");
      ++count[line.substr(at + 1, 27)];
    }
    const WallTime until = clock_.wall_now();
    for (const model::Schedule& schedule : schedules) {
      for (const WallTime due : due_between(*make_timetable(schedule), from, until - jitter_of(schedule))) {
        const std::string key = schedule.name + " " + format_instant(due);
        EXPECT_EQ(count[key], 1) << key;
        count.erase(key);
      }
    }
    for (const auto& [key, times] : count) ADD_FAILURE() << key << " was never due";
    scheduler.reset();
  }
}

TEST_F(SchedulerTest, TakesASettledTimeForDone) {
  record_.fail_with(FireOutcome{Fired::settled_before});
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *")}, record_.actions());
  pass(90s);
  EXPECT_EQ(record_.lines(), Lines{});
  EXPECT_TRUE(scheduler.problems().empty());
}

TEST_F(SchedulerTest, NamesTheScheduleThatItCannotEvaluateAndServesTheOthers) {
  const Scheduler scheduler(clock_, {schedule_of("broken", "0 25 * * *"), schedule_of("nightly", "0 2 * * *")},
                            record_.actions());
  pass(90s);
  EXPECT_EQ(record_.lines(), Lines{"fire nightly 2026-11-23T02:00:00.000Z"});
  EXPECT_EQ(scheduler.problems(), (std::map<std::string, std::string>{{"broken", "hour: 25 is not within 0–23"}}));
}

}  // namespace
}  // namespace dyno::schedule
