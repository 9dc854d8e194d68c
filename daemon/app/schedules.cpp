#include "app/schedules.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "stackfile/files.h"

namespace dyno::app {
namespace {

tl::unexpected<api::ScheduleRefusal> refused(Error error) {
  return tl::unexpected<api::ScheduleRefusal>({std::move(error), {}, false});
}

// By the store, which takes a change of what the client knows and no other.
tl::unexpected<api::ScheduleRefusal> refused_change(Error error) {
  const bool changed = error.code == ErrorCode::conflict;
  return tl::unexpected<api::ScheduleRefusal>({std::move(error), {}, changed});
}

tl::expected<model::Schedule, api::ScheduleRefusal> parsed(const std::string& text, const std::string& file) {
  auto schedule = stackfile::parse_schedule(text, file);
  if (schedule.value) return std::move(*schedule.value);
  return tl::unexpected<api::ScheduleRefusal>({{}, std::move(schedule.problems), false});
}

}  // namespace

void Schedules::replace(std::vector<model::Schedule> of_files, std::map<std::string, std::string> unusable) {
  const std::lock_guard lock(mutex_);
  of_files_ = std::move(of_files);
  unusable_files_ = std::move(unusable);
  reload();
}

void Schedules::reload() {
  entries_.clear();
  unusable_stored_.clear();
  for (const model::Schedule& schedule : of_files_) entries_.push_back({schedule});
  read_stored();
  const auto known = definitions_.keep(names(), clock_.wall_now());
  if (!known) spdlog::error("{}", known.error().message);
  std::vector<model::Schedule> schedules;
  for (api::ScheduleEntry& entry : entries_) {
    if (known) entry.paused_at = known->at(entry.schedule.name).paused_at;
    schedules.push_back(entry.schedule);
    schedules.back().enabled = entry.fires();
  }
  auto refused = scheduler_ ? scheduler_->end() : schedule::Scheduler::Refusals{};
  scheduler_ = std::make_unique<schedule::Scheduler>(
      clock_, std::move(schedules),
      schedule::SchedulerActions{
          .fire = [this](const model::Schedule& s, WallTime nominal_at,
                         bool made_up) { return fire(s, nominal_at, made_up); },
          .skip = [this](const model::Fire& skipped) { return skip(skipped); },
          .known_since = [this, names = names()](WallTime now) { return known_since(names, now); },
          .on_record = [this](const std::string& name, WallTime now) { return reader_.fires_on_record(name, now); },
          .last_completed = [this](const std::string& name) { return reader_.last_completed(name); },
          .told = [](const std::string& name, const std::string& text) { spdlog::warn("schedule={} {}", name, text); }},
      std::move(refused));
}

void Schedules::read_stored() {
  const auto stored = definitions_.all();
  if (!stored) {
    spdlog::error("{}", stored.error().message);
    return;
  }
  for (const store::StoredSchedule& one : *stored) {
    const auto same = [&](const model::Schedule& s) { return s.name == one.name; };
    auto schedule = stackfile::parse_schedule(one.text, one.name + ".yaml");
    if (std::any_of(of_files_.begin(), of_files_.end(), same) || unusable_files_.contains(one.name)) {
      unusable_stored_[one.name] = "a file has the name of this stored schedule, and takes its place";
    } else if (!schedule.value) {
      unusable_stored_[one.name] = "as stored: " + schedule.problems.front().message;
    } else {
      entries_.push_back({std::move(*schedule.value), one.text});
    }
  }
}

std::vector<std::string> Schedules::names() const {
  std::vector<std::string> names;
  for (const api::ScheduleEntry& entry : entries_) names.push_back(entry.schedule.name);
  for (const auto& [name, problem] : unusable_files_) names.push_back(name);
  for (const auto& [name, problem] : unusable_stored_) names.push_back(name);
  return names;
}

Result<std::map<std::string, WallTime>> Schedules::known_since(const std::vector<std::string>& names,
                                                               WallTime now) const {
  const auto known = definitions_.keep(names, now);
  if (!known) return fail(known.error());
  std::map<std::string, WallTime> since;
  for (const auto& [name, schedule] : *known) since[name] = schedule.since;
  return since;
}

std::map<std::string, std::string> Schedules::all_problems() const {
  auto problems = scheduler_ ? scheduler_->problems() : std::map<std::string, std::string>{};
  problems.insert(unusable_files_.begin(), unusable_files_.end());
  problems.insert(unusable_stored_.begin(), unusable_stored_.end());
  return problems;
}

std::map<std::string, std::string> Schedules::problems() const {
  const std::lock_guard lock(mutex_);
  return all_problems();
}

std::map<std::string, std::string> Schedules::notices() const {
  const std::lock_guard lock(mutex_);
  return scheduler_ ? scheduler_->notices() : std::map<std::string, std::string>{};
}

api::ScheduleCalls Schedules::calls() {
  return {
      .list = [this] { return list(); },
      .add = [this](const std::string& text) { return add(text); },
      .change = [this](const std::string& name, const std::string& text,
                       const std::string& before) { return change(name, text, before); },
      .remove = [this](const std::string& name, const std::string& before) { return remove(name, before); },
      .pause = [this](const std::string& name, bool paused) { return pause(name, paused); },
      .run = [this](const model::Schedule& schedule, bool forced) { return submission_.run_now(schedule, forced); }};
}

std::vector<api::ScheduleEntry> Schedules::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<api::ScheduleEntry> entries = entries_;
  const auto problems = all_problems();
  for (api::ScheduleEntry& entry : entries) {
    if (const auto found = problems.find(entry.schedule.name); found != problems.end()) entry.problem = found->second;
  }
  return entries;
}

Schedules::Refused Schedules::expect_stored(const std::string& name) const {
  const auto same = [&](const api::ScheduleEntry& entry) { return entry.schedule.name == name; };
  const auto found = std::find_if(entries_.begin(), entries_.end(), same);
  const bool in_file = found != entries_.end() ? found->text.empty() : unusable_files_.contains(name);
  if (in_file)
    return refused({ErrorCode::conflict, fmt::format("the schedule \"{}\" is in a file: change it there", name)});
  return {};
}

tl::expected<std::string, api::ScheduleRefusal> Schedules::add(const std::string& text) {
  const auto schedule = parsed(text, "");
  if (!schedule) return tl::unexpected<api::ScheduleRefusal>(schedule.error());
  const std::lock_guard lock(mutex_);
  if (auto stored = expect_stored(schedule->name); !stored)
    return refused({ErrorCode::conflict, fmt::format("there is a schedule \"{}\" already, in a file", schedule->name)});
  if (Status added = definitions_.add({schedule->name, text}, clock_.wall_now()); !added)
    return refused(std::move(added.error()));
  reload();
  return schedule->name;
}

Schedules::Refused Schedules::change(const std::string& name, const std::string& text, const std::string& before) {
  const auto schedule = parsed(text, name + ".yaml");
  if (!schedule) return tl::unexpected<api::ScheduleRefusal>(schedule.error());
  const std::lock_guard lock(mutex_);
  if (auto stored = expect_stored(name); !stored) return stored;
  if (Status changed = definitions_.change({name, text}, before, clock_.wall_now()); !changed)
    return refused_change(std::move(changed.error()));
  reload();
  return {};
}

Schedules::Refused Schedules::remove(const std::string& name, const std::string& before) {
  const std::lock_guard lock(mutex_);
  if (auto stored = expect_stored(name); !stored) return stored;
  if (Status removed = definitions_.remove(name, before); !removed) return refused_change(std::move(removed.error()));
  reload();
  return {};
}

Status Schedules::pause(const std::string& name, bool paused) {
  const std::lock_guard lock(mutex_);
  const auto at = paused ? std::optional(clock_.wall_now()) : std::nullopt;
  if (Status done = definitions_.pause(name, at); !done) return done;
  reload();
  return {};
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
    case run::Refused::no_room: return {schedule::Fired::no_place, reason, model::SkipReason::disk_low};
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
