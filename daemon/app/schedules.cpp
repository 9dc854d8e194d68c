#include "app/schedules.h"

#include <utility>

namespace dyno::app {

void Schedules::replace(std::vector<model::Schedule> schedules, std::map<std::string, std::string> unusable) {
  const std::lock_guard lock(mutex_);
  unusable_ = std::move(unusable);
  scheduler_.reset();
  scheduler_ = std::make_unique<schedule::Scheduler>(
      clock_, std::move(schedules),
      schedule::SchedulerActions{
          .fire = [this](const model::Schedule& s, WallTime nominal_at) { return fire(s, nominal_at); },
          .skip = [this](const model::Fire& skipped) { return skip(skipped); },
          .last_nominal = [this](const std::string& name) { return reader_.last_nominal(name); }});
}

std::map<std::string, std::string> Schedules::problems() const {
  const std::lock_guard lock(mutex_);
  auto problems = scheduler_ ? scheduler_->problems() : std::map<std::string, std::string>{};
  problems.insert(unusable_.begin(), unusable_.end());
  return problems;
}

schedule::FireOutcome Schedules::fire(const model::Schedule& schedule, WallTime nominal_at) const {
  const auto run_id = submission_.fire(schedule, nominal_at);
  if (run_id) return {schedule::Fired::started};
  const std::string& reason = run_id.error().error.message;
  switch (run_id.error().why) {
    case run::Refused::settled: return {schedule::Fired::settled_before};
    case run::Refused::request: return {schedule::Fired::cannot_run, reason};
    // A full queue passes, and so may what kept the store from writing.
    case run::Refused::queue_full:
    case run::Refused::draining:
    case run::Refused::other: return {schedule::Fired::not_now, reason};
  }
  return {schedule::Fired::not_now, reason};
}

Status Schedules::skip(const model::Fire& fire) const {
  Status done = repository_.skip(fire);
  if (!done && done.error().code == ErrorCode::conflict) return {};  // the unique key of a due time
  return done;
}

}  // namespace dyno::app
