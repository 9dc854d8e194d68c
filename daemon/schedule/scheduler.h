// The thread that fires schedules when they are due. It decides nothing about runs: recording a due time and queueing its
// run is the caller's function, which must be safe to call again for the same instant.
// The wall clock is read again at least every 30 s, so setting it moves the fires with it. Destruction stops it.
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
  cannot_run,      // not as the schedule stands: the due time is skipped
  not_now          // to be tried again
};
struct FireOutcome {
  Fired fired = Fired::started;
  std::string reason{};  // of the last two
};

// What the scheduler calls, always from its own thread and never under a lock.
struct SchedulerActions {
  // Records the due time and queues its run.
  std::function<FireOutcome(const model::Schedule&, WallTime nominal_at)> fire;
  // Records a due time that starts nothing; one that was settled before stays as it was.
  std::function<Status(const model::Fire&)> skip;
  // The last due time on record.
  std::function<Result<std::optional<WallTime>>(const std::string& schedule)> last_nominal;
};

class Scheduler {
 public:
  static constexpr Nanos kLongestWait = std::chrono::seconds(30);

  // Starts the thread. A schedule that cannot be evaluated is left out and named by problems().
  Scheduler(Clock& clock, std::vector<model::Schedule> schedules, SchedulerActions actions);

  // Schedule name → what is wrong with it just now, for /readyz and the list of schedules.
  std::map<std::string, std::string> problems() const;

 private:
  struct Entry {
    model::Schedule schedule;
    Timetable timetable;
  };

  void work(std::stop_token stop);
  // A due time that could not be fired yet, and why.
  struct Refusal {
    WallTime nominal_at;
    std::string reason;
  };

  // Does what is due; returns how long to wait.
  Nanos tick();
  Status settle(const Entry& entry, WallTime now);
  Status settle_fire(const model::Schedule& schedule, WallTime nominal_at, WallTime now);
  Status settle_skip(model::Fire skip);
  void tell(const std::string& schedule, const Status& status);

  // Set once in the constructor.
  Clock& clock_;
  std::vector<Entry> entries_;
  SchedulerActions actions_;
  WallTime known_since_;  // a schedule that never fired has missed nothing from before

  // Used by its own thread only.
  std::map<std::string, Refusal> refused_;  // by schedule

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, std::string> problems_;

  std::jthread thread_;
};

}  // namespace dyno::schedule
