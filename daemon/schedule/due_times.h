// When a schedule is due: its cron line evaluated in its zone. A time of day inside a gap of the clocks is due at the first
// valid instant after it, a doubled one at its first occurrence; interval schedules follow every elapsed minute instead.
// Pure but for the zone database; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
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

}  // namespace dyno::schedule
