#include "schedule/due.h"

#include <fmt/format.h>

#include <algorithm>

namespace dyno::schedule {
namespace {

model::Fire skip_of(const model::Schedule& schedule, WallTime nominal_at, WallTime now, int folded) {
  model::Fire fire;
  fire.schedule = schedule.name;
  fire.nominal_at = nominal_at;
  fire.recorded_at = now;
  fire.skipped = schedule.enabled ? model::SkipReason::daemon_down : model::SkipReason::paused;
  fire.reason = schedule.enabled ? "the daemon was not running" : "the schedule is paused";
  if (folded > 1) fire.reason += fmt::format(" ({} due times up to this one)", folded);
  fire.folded = folded;
  return fire;
}

// Whether the latest due time is still to be fired.
bool is_wanted(const model::Schedule& schedule, Nanos late) {
  if (!schedule.enabled) return false;
  if (late <= kOnTime) return true;
  switch (schedule.missed) {
    case model::MissedPolicy::skip: return false;
    case model::MissedPolicy::run_once: return late <= kMissedWithin;
  }
  return false;
}

}  // namespace

DueDecision decide_due(const model::Schedule& schedule, const Timetable& timetable, WallTime settled_until,
                       WallTime now) {
  DueDecision decision;
  std::vector<WallTime> due = due_between(timetable, std::max(settled_until, now - kLookBack), now);
  if (due.empty()) return decision;
  if (is_wanted(schedule, now - due.back())) {
    decision.fire = due.back();
    due.pop_back();
  }
  if (due.size() > kFoldAbove) {
    // The row stands at the latest of them, so that the search goes on behind it.
    decision.skips.push_back(skip_of(schedule, due.back(), now, static_cast<int>(due.size())));
    return decision;
  }
  for (const WallTime nominal_at : due) decision.skips.push_back(skip_of(schedule, nominal_at, now, 1));
  return decision;
}

}  // namespace dyno::schedule
