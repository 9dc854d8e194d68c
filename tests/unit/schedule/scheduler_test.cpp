#include "schedule/scheduler.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "fakes/fake_clock.h"

namespace dyno::schedule {
namespace {

using fakes::FakeClock;
using namespace std::chrono_literals;

// Records what the scheduler asks for, as the store would: a due time is settled once.
class Record {
 public:
  SchedulerActions actions() {
    return {[this](const model::Schedule& s, WallTime at) { return fire(s.name, at); },
            [this](const model::Fire& f) { return skip(f); },
            [this](const std::string& name) -> Result<std::optional<WallTime>> {
              const std::lock_guard lock(mutex_);
              const auto found = last_.find(name);
              return found == last_.end() ? std::nullopt : std::optional(found->second);
            }};
  }
  void fail_with(std::optional<FireOutcome> outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  FireOutcome fire(const std::string& name, WallTime at) {
    const std::lock_guard lock(mutex_);
    if (outcome_) return *outcome_;
    lines_.push_back("fire " + name + " " + format_instant(at));
    last_[name] = at;
    return {};
  }
  Status skip(const model::Fire& f) {
    const std::lock_guard lock(mutex_);
    lines_.push_back("skip " + f.schedule + " " + format_instant(f.nominal_at) + " " +
                     std::string(model::to_string(*f.skipped)) + ": " + f.reason);
    last_[f.schedule] = f.nominal_at;
    return {};
  }

  mutable std::mutex mutex_;
  std::optional<FireOutcome> outcome_;
  std::vector<std::string> lines_;
  std::map<std::string, WallTime> last_;
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
  Record record_;
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

TEST_F(SchedulerTest, TriesAgainWhatCouldNotBeQueued) {
  record_.fail_with(FireOutcome{Fired::not_now, "the queue is full"});
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *")}, record_.actions());
  pass(90s);
  EXPECT_EQ(record_.lines(), Lines{});
  EXPECT_EQ(scheduler.problems(), (std::map<std::string, std::string>{{"nightly", "the queue is full"}}));
  record_.fail_with(std::nullopt);
  pass(30s);
  EXPECT_EQ(record_.lines(), Lines{"fire nightly 2026-11-23T02:00:00.000Z"});
  EXPECT_TRUE(scheduler.problems().empty());
}

TEST_F(SchedulerTest, SaysWhatKeptItFromFiring) {
  model::Schedule schedule = schedule_of("nightly", "0 2 * * *");
  schedule.missed = model::MissedPolicy::skip;
  record_.fail_with(FireOutcome{Fired::not_now, "the queue is full"});
  const Scheduler scheduler(clock_, {schedule}, record_.actions());
  pass(240s);
  EXPECT_EQ(
      record_.lines(),
      Lines{"skip nightly 2026-11-23T02:00:00.000Z deadline: it could not be started in time: the queue is full"});
}

TEST_F(SchedulerTest, SkipsWhatCannotRunAsItStands) {
  record_.fail_with(FireOutcome{Fired::cannot_run, "there is no stack \"go-gnu\""});
  const Scheduler scheduler(clock_, {schedule_of("nightly", "0 2 * * *")}, record_.actions());
  pass(90s);
  EXPECT_EQ(record_.lines(), Lines{"skip nightly 2026-11-23T02:00:00.000Z invalid: there is no stack \"go-gnu\""});
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
