// Which due times of a schedule are to be fired now and which are let pass: the decision only, nothing is done or recorded.
// At most one fire a call; a time that was missed by up to six hours is made up for if the policy says so. Pure, thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "base/units.h"
#include "model/fire.h"
#include "model/schedule.h"
#include "schedule/due_times.h"

namespace dyno::schedule {

constexpr Nanos kOnTime = std::chrono::minutes(2);      // a fire this late was not missed: the daemon was busy
constexpr Nanos kMissedWithin = std::chrono::hours(6);  // later than this a missed fire stays missed
constexpr Nanos kLookBack = std::chrono::days(400);     // what was due earlier is not even counted
constexpr std::size_t kFoldAbove = 100;                 // more skips than this become one row

struct DueDecision {
  std::optional<WallTime> fire;    // nominal instant
  std::vector<model::Fire> skips;  // to be recorded before the fire, oldest first
};

// `settled_until`: the last nominal instant on record, or since when the schedule is known.
DueDecision decide_due(const model::Schedule& schedule, const Timetable& timetable, WallTime settled_until,
                       WallTime now);

}  // namespace dyno::schedule
