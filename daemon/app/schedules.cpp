#include "app/schedules.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"

namespace dyno::app {

void Schedules::replace(std::vector<model::Schedule> schedules, std::map<std::string, std::string> unusable) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const model::Schedule& schedule : schedules) names.push_back(schedule.name);
  for (const auto& [name, problem] : unusable) names.push_back(name);
  unusable_ = std::move(unusable);
  scheduler_.reset();
  scheduler_ = std::make_unique<schedule::Scheduler>(
      clock_, std::move(schedules),
      schedule::SchedulerActions{
          .fire = [this](const model::Schedule& s, WallTime nominal_at,
                         bool made_up) { return fire(s, nominal_at, made_up); },
          .skip = [this](const model::Fire& skipped) { return skip(skipped); },
          .known_since = [this, names](WallTime now) { return repository_.keep_schedules(names, now); },
          .on_record = [this](const std::string& name, WallTime now) { return reader_.fires_on_record(name, now); },
          .last_completed = [this](const std::string& name) { return reader_.last_completed(name); },
          .told = [](const std::string& name,
                     const std::string& text) { spdlog::warn("schedule={} {}", name, text); }});
}

std::map<std::string, std::string> Schedules::problems() const {
  const std::lock_guard lock(mutex_);
  auto problems = scheduler_ ? scheduler_->problems() : std::map<std::string, std::string>{};
  problems.insert(unusable_.begin(), unusable_.end());
  return problems;
}

std::map<std::string, std::string> Schedules::notices() const {
  const std::lock_guard lock(mutex_);
  return scheduler_ ? scheduler_->notices() : std::map<std::string, std::string>{};
}

schedule::FireOutcome Schedules::fire(const model::Schedule& schedule, WallTime nominal_at, bool made_up) const {
  const auto run_id = submission_.fire(schedule, nominal_at, made_up);
  if (run_id) {
    spdlog::info("schedule={} due={} started run={}", schedule.name, format_instant(nominal_at), *run_id);
    return {schedule::Fired::started};
  }
  const std::string& reason = run_id.error().error.message;
  switch (run_id.error().why) {
    case run::Refused::settled:
    case run::Refused::overlap: spdlog::info("{}", reason); return {schedule::Fired::settled_before};
    case run::Refused::request: return {schedule::Fired::skipped, reason, model::SkipReason::invalid};
    case run::Refused::unchanged: return {schedule::Fired::skipped, reason, model::SkipReason::unchanged};
    case run::Refused::queue_full: return {schedule::Fired::no_place, reason, model::SkipReason::queue_full};
    // What kept the store from writing may pass.
    case run::Refused::draining:
    case run::Refused::other: break;
  }
  return {schedule::Fired::not_now, reason};
}

Status Schedules::skip(const model::Fire& fire) const {
  Status done = repository_.skip(fire);
  if (!done && done.error().code == ErrorCode::conflict) return {};  // the unique key of a due time
  if (done)
    spdlog::warn("schedule={} due={} starts nothing ({}): {}", fire.schedule, format_instant(fire.nominal_at),
                 model::to_string(*fire.skipped), fire.reason);
  return done;
}

}  // namespace dyno::app
