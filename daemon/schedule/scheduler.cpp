#include "schedule/scheduler.h"

#include <algorithm>

#include "schedule/due_times.h"

namespace dyno::schedule {

Scheduler::Scheduler(Clock& clock, std::vector<model::Schedule> schedules, SchedulerActions actions)
    : clock_(clock), actions_(std::move(actions)), known_since_(clock.wall_now()) {
  for (model::Schedule& schedule : schedules) {
    Result<Timetable> timetable = make_timetable(schedule);
    if (timetable) {
      entries_.push_back({std::move(schedule), std::move(*timetable)});
    } else {
      problems_[schedule.name] = timetable.error().message;
    }
  }
  thread_ = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
}

std::map<std::string, std::string> Scheduler::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

void Scheduler::work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (wait_for(clock_, tick(), stop) == WaitOutcome::stopped) return;
  }
}

Nanos Scheduler::tick() {
  const WallTime now = clock_.wall_now();
  Nanos wait = kLongestWait;
  for (const Entry& entry : entries_) {
    tell(entry.schedule.name, settle(entry, now));
    const std::vector<WallTime> soon = due_between(entry.timetable, now, now + kLongestWait);
    if (!soon.empty()) wait = std::min(wait, Nanos(soon.front() - now));
  }
  return wait;
}

Status Scheduler::settle(const Entry& entry, WallTime now) {
  const Result<std::optional<WallTime>> last = actions_.last_nominal(entry.schedule.name);
  if (!last) return fail(last.error());
  const DueDecision decision = decide_due(entry.schedule, entry.timetable, last->value_or(known_since_), now);
  for (const model::Fire& skip : decision.skips) {
    if (Status done = settle_skip(skip); !done) return done;
  }
  return decision.fire ? settle_fire(entry.schedule, *decision.fire, now) : Status();
}

Status Scheduler::settle_fire(const model::Schedule& schedule, WallTime nominal_at, WallTime now) {
  const FireOutcome outcome = actions_.fire(schedule, nominal_at);
  switch (outcome.fired) {
    case Fired::started:
    case Fired::settled_before: return {};
    case Fired::cannot_run: {
      const Status skipped =
          settle_skip({schedule.name, nominal_at, now, {}, model::SkipReason::invalid, outcome.reason, 1});
      return skipped ? fail(ErrorCode::invalid_argument, outcome.reason) : skipped;
    }
    case Fired::not_now: break;
  }
  refused_[schedule.name] = {nominal_at, outcome.reason};
  return fail(ErrorCode::unavailable, outcome.reason);
}

Status Scheduler::settle_skip(model::Fire skip) {
  const auto refused = refused_.find(skip.schedule);
  if (refused != refused_.end() && refused->second.nominal_at == skip.nominal_at &&
      skip.skipped == model::SkipReason::daemon_down) {
    // The daemon was there and tried: say what kept it.
    skip.skipped = model::SkipReason::deadline;
    skip.reason = "it could not be started in time: " + refused->second.reason;
  }
  return actions_.skip(skip);
}

void Scheduler::tell(const std::string& schedule, const Status& status) {
  const std::lock_guard lock(mutex_);
  if (status) {
    problems_.erase(schedule);
  } else {
    problems_[schedule] = status.error().message;
  }
}

}  // namespace dyno::schedule
