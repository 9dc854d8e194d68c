// The thread that fires schedules when they are due. It decides nothing about runs: recording a due time and queueing its
// run is the caller's function, which must be safe to call again for the same instant.
// The wall clock is read again at least every 30 s, so setting it moves the fires with it, and nothing that was recorded under a
// clock that was ahead silences a schedule. Destruction stops it.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/fire.h"
#include "model/schedule.h"
#include "schedule/due_times.h"

namespace dyno::schedule {

// The outcome of a due time that was fired.
enum class Fired {
  started,
  settled_before,  // nothing more is to be done
  skipped,         // for the reason given
  no_place,        // the queue or the disk is full: on record as that, and to be tried again
  not_now          // to be tried again
};
struct FireOutcome {
  Fired fired = Fired::started;
  std::string reason{};  // of the last three
  model::SkipReason skipped = model::SkipReason::invalid;
};

// What the scheduler calls, always from its own thread and never under a lock.
struct SchedulerActions {
  // Records the due time and queues its run. Made up for: it is one of those that were missed.
  std::function<FireOutcome(const model::Schedule&, WallTime nominal_at, bool made_up)> fire;
  // Records a due time that starts nothing; one that was settled before stays as it was.
  std::function<Status(const model::Fire&)> skip;
  // Since when each schedule is known: what was due earlier was not missed.
  std::function<Result<std::map<std::string, WallTime>>(WallTime now)> known_since;
  // Its due times on record, seen from now.
  std::function<Result<model::FiresOnRecord>(const std::string& schedule, WallTime now)> on_record;
  // When its last run with results ended, or when it first came due.
  std::function<Result<std::optional<WallTime>>(const std::string& schedule)> last_completed;
  // What has just become true of a schedule and should be logged.
  std::function<void(const std::string& schedule, const std::string& text)> told;
};

class Scheduler {
 public:
  static constexpr Nanos kLongestWait = std::chrono::seconds(30);

  using Refusals = std::map<std::string, Refusal>;  // by schedule

  // Starts the thread. A schedule that cannot be evaluated is left out and named by problems(). What the one before could not start
  // is gone on with.
  Scheduler(Clock& clock, std::vector<model::Schedule> schedules, SchedulerActions actions, Refusals refused = {});

  // Ends the thread; what could not be started by then. Once.
  Refusals end();

  // Schedule name → what is wrong with it just now, for /readyz and the list of schedules.
  std::map<std::string, std::string> problems() const;
  // The same of what should be known but keeps nothing from working: a clock that was ahead.
  std::map<std::string, std::string> notices() const;

 private:
  struct Entry {
    model::Schedule schedule;
    Timetable timetable;
  };

  // What came of a look: whether all that was due is started or on record, and what it is on record as when that comes too late.
  struct Settled {
    Status problem{};
    bool is_done = true;
    std::string reason{};
    std::optional<model::SkipReason> skipped{};
  };

  void work(std::stop_token stop);

  // All clocks at one instant.
  struct Reading {
    WallTime wall;
    MonotonicTime monotonic;
    Nanos since_boot{};
  };

  // Does what is due; returns how long to wait.
  Nanos tick();
  WallTime read_clocks();
  Status learn_since(WallTime now);
  Settled settle(const Entry& entry, WallTime now);
  Settled settle_fire(const model::Schedule& schedule, const Settling& due, bool on_record, WallTime now);
  static Settled not_kept(Error error);
  void remember(const std::string& schedule, const Settled& settled, WallTime now);
  std::string missing_run(const model::Schedule& schedule, WallTime now);
  void set(std::map<std::string, std::string>& texts, const std::string& schedule, const std::string& text);

  // Set once in the constructor.
  Clock& clock_;
  std::vector<Entry> entries_;
  SchedulerActions actions_;

  // Used by its own thread only.
  std::map<std::string, WallTime> known_since_;  // by schedule; empty until it could be read
  Refusals refused_;
  Reading last_{};
  WallTime looked_at_{};  // the last time; at first the beginning, since nobody was there for what was due earlier
  std::optional<WallSpan> leapt_;
  std::optional<WallSpan> slept_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, std::string> problems_;
  std::map<std::string, std::string> notices_;

  std::jthread thread_;
};

}  // namespace dyno::schedule
