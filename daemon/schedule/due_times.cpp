#include "schedule/due_times.h"

#include <fmt/format.h>

#include <algorithm>

namespace dyno::schedule {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr auto kHorizon = std::chrono::years(8);

sys_seconds floor_seconds(WallTime t) { return std::chrono::floor<std::chrono::seconds>(t); }
WallTime wall_of(sys_seconds t) { return WallTime(Nanos(t.time_since_epoch())); }
local_seconds local_of(sys_seconds t, std::chrono::seconds offset) {
  return local_seconds(t.time_since_epoch() + offset);
}

struct Due {
  sys_seconds at;
  local_seconds wanted;  // the time of day that the line names
  LocalKind kind = LocalKind::unique;
};

// Calls visit(local time) for each time of day that the line names on the days from `first` to `last`, until it says stop.
template <class Visit>
bool each_named_time(const CronExpression& cron, local_days first, local_days last, Visit visit) {
  for (local_days day = first; day <= last; day += days(1)) {
    if (!cron.matches_day(year_month_day(day))) continue;
    for (std::size_t hour = 0; hour < cron.hours.size(); ++hour) {
      if (!cron.hours[hour]) continue;
      for (std::size_t minute = 0; minute < cron.minutes.size(); ++minute) {
        if (!cron.minutes[minute]) continue;
        if (!visit(local_seconds(day) + std::chrono::hours(hour) + std::chrono::minutes(minute))) return false;
      }
    }
  }
  return true;
}

// Fixed times of day: each named local time has one instant, whatever the clocks do. They keep the order of the local times; several
// in one gap become one.
template <class Visit>
void each_fixed(const Timetable& timetable, sys_seconds after, sys_seconds until, Visit visit) {
  // A day early: where the clocks skip a whole day, its times fall after it.
  const auto first = std::chrono::floor<days>(local_of(after, timetable.zone.span_at(after).offset)) - days(2);
  const auto last = std::chrono::floor<days>(local_of(until, timetable.zone.span_at(until).offset)) + days(1);
  sys_seconds before = after;
  each_named_time(timetable.cron, first, last, [&](local_seconds local) {
    const LocalMeaning meaning = timetable.zone.meaning_of(local);
    if (meaning.instant > until) return false;
    if (meaning.instant <= before) return true;
    before = meaning.instant;
    return visit(Due{meaning.instant, local, meaning.kind});
  });
}

// Intervals: local time runs evenly within a span of one offset, so each elapsed minute occurs once, with its local time.
template <class Visit>
void each_interval(const Timetable& timetable, sys_seconds after, sys_seconds until, Visit visit) {
  for (sys_seconds from = after; from <= until;) {
    const OffsetSpan span = timetable.zone.span_at(from);
    const auto first = std::chrono::floor<days>(local_of(std::max(span.begin, after), span.offset));
    const auto last = std::chrono::floor<days>(local_of(std::min(span.end, until), span.offset));
    const bool go_on = each_named_time(timetable.cron, first, last, [&](local_seconds local) {
      const auto at = sys_seconds(local.time_since_epoch() - span.offset);
      if (at <= after || at < span.begin || at >= span.end) return true;
      if (at > until) return false;
      return visit(Due{at, local, LocalKind::unique});
    });
    if (!go_on) return;
    from = span.end;
  }
}

template <class Visit>
void each_due(const Timetable& timetable, sys_seconds after, sys_seconds until, Visit visit) {
  if (timetable.cron.interval) {
    each_interval(timetable, after, until, visit);
  } else {
    each_fixed(timetable, after, until, visit);
  }
}

std::string text_of(local_seconds local, std::chrono::seconds offset) {
  const auto day = std::chrono::floor<days>(local);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss time{local - day};
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(offset)).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), offset.count() < 0 ? '-' : '+', minutes / 60,
                     minutes % 60);
}

std::string time_of_day(local_seconds local) {
  const std::chrono::hh_mm_ss time{local - std::chrono::floor<days>(local)};
  return fmt::format("{:02}:{:02}", time.hours().count(), time.minutes().count());
}

DueTime shown(const TimeZone& zone, const Due& due) {
  DueTime time;
  time.at = wall_of(due.at);
  const std::chrono::seconds offset = zone.span_at(due.at).offset;
  time.local = text_of(local_of(due.at, offset), offset);
  switch (due.kind) {
    case LocalKind::unique: break;
    case LocalKind::gap:
      time.note =
          fmt::format("the clocks skip {}; it runs at the first valid time after that", time_of_day(due.wanted));
      break;
    case LocalKind::fold:
      time.note = fmt::format("{} occurs twice; it runs the first time", time_of_day(due.wanted));
      break;
  }
  return time;
}

}  // namespace

Result<Timetable> make_timetable(const model::Schedule& schedule) {
  const Result<CronExpression> cron = parse_cron(schedule.cron, schedule.name);
  if (!cron) return fail(cron.error());
  Result<TimeZone> zone = TimeZone::find(schedule.time_zone);
  if (!zone) return fail(zone.error());
  return Timetable{*cron, std::move(*zone)};
}

Result<std::vector<DueTime>> next_due_times(const Timetable& timetable, WallTime after, int count) {
  const sys_seconds from = floor_seconds(after);
  std::vector<DueTime> times;
  if (count <= 0) return times;
  each_due(timetable, from, from + std::chrono::duration_cast<std::chrono::seconds>(kHorizon), [&](const Due& due) {
    times.push_back(shown(timetable.zone, due));
    return static_cast<int>(times.size()) < count;
  });
  if (times.empty()) return fail(ErrorCode::invalid_argument, "the cron line matches no time within the next 8 years");
  return times;
}

Result<std::vector<DueTime>> next_due_times(const model::Schedule& schedule, WallTime after, int count) {
  const Result<Timetable> timetable = make_timetable(schedule);
  if (!timetable) return fail(timetable.error());
  return next_due_times(*timetable, after, count);
}

std::vector<WallTime> due_between(const Timetable& timetable, WallTime after, WallTime until) {
  std::vector<WallTime> instants;
  each_due(timetable, floor_seconds(after), floor_seconds(until), [&](const Due& due) {
    instants.push_back(wall_of(due.at));
    return true;
  });
  return instants;
}

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
