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
  Nanos jitter{};  // of this schedule: added to each due time when it is started, never to its name
};

struct DueTime {
  WallTime at;        // with its jitter
  std::string local;  // RFC 3339 with the offset of the zone: 2026-11-23T02:30:00+01:00
  std::string note;   // what the clocks and the jitter do to it; empty on an ordinary day
};

Result<Timetable> make_timetable(const model::Schedule& schedule);
// By how much later than its due times the schedule starts: always the same for one name, and at most its jitter.
Nanos jitter_of(const model::Schedule& schedule);

// The next `count` due times after `after`. `invalid_argument` when none comes within 8 years.
Result<std::vector<DueTime>> next_due_times(const Timetable& timetable, WallTime after, int count);
// The same for a schedule as it stands in its file.
Result<std::vector<DueTime>> next_due_times(const model::Schedule& schedule, WallTime after, int count);

// All due instants in (after, until], oldest first.
std::vector<WallTime> due_between(const Timetable& timetable, WallTime after, WallTime until);

// Whether the instant is within these hours of its day.
bool is_within(const TimeZone& zone, const model::DailyHours& hours, WallTime instant);

// Which due times of a schedule are fired now and which are skipped: the decision only, nothing is done or recorded. Pure,
// thread-safe.
constexpr Nanos kOnTime = std::chrono::minutes(2);     // a fire this late was not missed: the daemon was busy
constexpr Nanos kLookBack = std::chrono::days(400);    // what was due earlier is not even counted
constexpr Nanos kStepOfClock = std::chrono::hours(3);  // times that a longer step leaps over are not made up for
constexpr std::size_t kFoldAbove = 100;                // more skips for one reason than this become one row
constexpr std::size_t kMostMadeUp = 10;                // of missed due times

// A span of the wall clock, from < t <= to.
struct WallSpan {
  WallTime from;
  WallTime to;
};

// Due times that the daemon was there for, and could neither start nor put on record: the newest is to be tried again.
struct Refusal {
  WallSpan span;
  std::string reason;
  std::optional<model::SkipReason> skipped{};  // what they are on record as when it is too late
};

// What has become of a schedule's due times so far.
struct Standing {
  WallTime settled_until;             // the last due time on record, or since when the schedule is known
  std::optional<WallTime> waiting{};  // on record as one that could not be started yet; to be tried again
  std::optional<Refusal> refused{};
  std::optional<WallSpan> leapt{};  // the clock was set forward over this
  std::optional<WallSpan> slept{};  // the machine was suspended
};

// One due time that is settled now: fired, or skipped.
struct Settling {
  WallTime nominal_at;
  bool made_up = false;             // it was missed, and is fired late
  std::optional<model::Fire> skip;  // to be recorded
};

// Oldest first.
std::vector<Settling> decide_due(const model::Schedule& schedule, const Timetable& timetable, const Standing& standing,
                                 WallTime now);

}  // namespace dyno::schedule
