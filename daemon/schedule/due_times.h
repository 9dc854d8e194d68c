// When a schedule is due: its cron line evaluated in its zone. A time of day inside a gap of the clocks is due at the first
// valid instant after it, a doubled one at its first occurrence; interval schedules follow every elapsed minute instead.
// Pure but for the zone database; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "model/fire.h"
#include "model/schedule.h"
#include "schedule/cron.h"
#include "schedule/time_zone.h"

namespace dyno::schedule {

// A schedule whose cron line and zone have been understood.
struct Timetable {
  CronExpression cron;
  TimeZone zone;
};

struct DueTime {
  WallTime at;
  std::string local;  // RFC 3339 with the offset of the zone: 2026-11-23T02:30:00+01:00
  std::string note;   // what the clocks do to it; empty on an ordinary day
};

Result<Timetable> make_timetable(const model::Schedule& schedule);

// The next `count` due times after `after`. `invalid_argument` when none comes within 8 years.
Result<std::vector<DueTime>> next_due_times(const Timetable& timetable, WallTime after, int count);
// The same for a schedule as it stands in its file.
Result<std::vector<DueTime>> next_due_times(const model::Schedule& schedule, WallTime after, int count);

// All due instants in (after, until], oldest first.
std::vector<WallTime> due_between(const Timetable& timetable, WallTime after, WallTime until);

// Which due times of a schedule are fired now and which are skipped: the decision only, nothing is done or recorded.
// At most one fire per call; a time that was missed by up to six hours is made up for if the policy says so. Pure, thread-safe.
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
