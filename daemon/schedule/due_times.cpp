#include "schedule/due_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/quantity.h"

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

DueTime shown(const Timetable& timetable, const Due& due) {
  DueTime time;
  time.at = wall_of(due.at) + timetable.jitter;
  const sys_seconds start = floor_seconds(time.at);
  const std::chrono::seconds offset = timetable.zone.span_at(start).offset;
  time.local = text_of(local_of(start, offset), offset);
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
  if (timetable.jitter > Nanos::zero()) {
    if (!time.note.empty()) time.note += "; ";
    time.note += fmt::format("{} plus {} of jitter", time_of_day(due.wanted), format_span(timetable.jitter));
  }
  return time;
}

}  // namespace

Nanos jitter_of(const model::Schedule& schedule) {
  const auto most = std::chrono::duration_cast<std::chrono::seconds>(schedule.jitter).count();
  return std::chrono::seconds(hash_of(schedule.name) % static_cast<std::uint64_t>(most + 1));
}

Result<Timetable> make_timetable(const model::Schedule& schedule) {
  const Result<CronExpression> cron = parse_cron(schedule.cron, schedule.name);
  if (!cron) return fail(cron.error());
  Result<TimeZone> zone = TimeZone::find(schedule.time_zone);
  if (!zone) return fail(zone.error());
  return Timetable{*cron, std::move(*zone), jitter_of(schedule)};
}

Result<std::vector<DueTime>> next_due_times(const Timetable& timetable, WallTime after, int count) {
  const sys_seconds from = floor_seconds(after - timetable.jitter);
  std::vector<DueTime> times;
  if (count <= 0) return times;
  each_due(timetable, from, from + std::chrono::duration_cast<std::chrono::seconds>(kHorizon), [&](const Due& due) {
    times.push_back(shown(timetable, due));
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

bool is_within(const TimeZone& zone, const model::DailyHours& hours, WallTime instant) {
  const sys_seconds at = floor_seconds(instant);
  const local_seconds local = local_of(at, zone.span_at(at).offset);
  const auto time = local - std::chrono::floor<days>(local);
  if (hours.begin <= hours.end) return time >= hours.begin && time < hours.end;
  return time >= hours.begin || time < hours.end;
}

namespace {

struct Reason {
  model::SkipReason skipped = model::SkipReason::daemon_down;
  std::string text;
};

// Decides about the due times of one schedule at one instant.
class Decider {
 public:
  Decider(const model::Schedule& schedule, const Timetable& timetable, const Standing& standing, WallTime now)
      : schedule_(schedule), timetable_(timetable), standing_(standing), now_(now) {}

  std::vector<Settling> decide() {
    const WallTime until = now_ - timetable_.jitter;
    const auto due = due_between(timetable_, std::max(standing_.settled_until, until - kLookBack), until);
    // The newest decides first: it alone may be on time, and the newest of those that were missed are made up for.
    for (auto at = due.rbegin(); at != due.rend(); ++at) {
      if (const auto reason = why_skipped(*at)) {
        add_skip(*at, *reason);
      } else {
        fire(*at);
      }
    }
    if (const auto waiting = waiting_of_old(due.empty())) fire(*waiting);
    std::reverse(settled_.begin(), settled_.end());
    return std::move(settled_);
  }

 private:
  Nanos late(WallTime nominal_at) const { return now_ - timetable_.jitter - nominal_at; }

  // A due time that is on record as waiting, unless a newer one has come.
  std::optional<WallTime> waiting_of_old(bool is_newest) const {
    if (!is_newest || !standing_.waiting) return std::nullopt;
    const bool may_start = late(*standing_.waiting) <= schedule_.start_deadline;
    if (!may_start || why_never_now()) return std::nullopt;
    return standing_.waiting;
  }

  // What keeps every due time from being fired now.
  std::optional<Reason> why_never_now() const {
    if (!schedule_.enabled) return Reason{model::SkipReason::paused, "the schedule is paused"};
    if (schedule_.quiet_hours && is_within(timetable_.zone, *schedule_.quiet_hours, now_))
      return Reason{model::SkipReason::quiet_hours, "nothing is started in the schedule's quiet hours"};
    return std::nullopt;
  }

  std::optional<Reason> why_skipped(WallTime nominal_at) const {
    if (auto reason = why_never_now()) return reason;
    if (late(nominal_at) <= kOnTime && settled_.empty()) return std::nullopt;
    const WallTime start = nominal_at + timetable_.jitter;
    if (is_in(standing_.leapt, start))
      return Reason{model::SkipReason::clock_jump, "the clock was set forward over it"};
    if (was_refused(nominal_at)) {
      if (settled_.empty() && late(nominal_at) <= schedule_.start_deadline) return std::nullopt;
      return Reason{standing_.refused->skipped.value_or(model::SkipReason::deadline),
                    "it could not be started in time: " + standing_.refused->reason};
    }
    if (late(nominal_at) <= schedule_.missed_within && made_up_ < most_made_up()) return std::nullopt;
    return Reason{model::SkipReason::daemon_down,
                  is_in(standing_.slept, start) ? "the machine was suspended" : "the daemon was not running"};
  }

  bool was_refused(WallTime nominal_at) const {
    return standing_.refused && is_in(standing_.refused->span, nominal_at + timetable_.jitter);
  }
  static bool is_in(const std::optional<WallSpan>& span, WallTime t) { return span && t > span->from && t <= span->to; }

  std::size_t most_made_up() const {
    switch (schedule_.missed) {
      case model::MissedPolicy::skip: return 0;
      // One that is on time is the latest of them all.
      case model::MissedPolicy::run_once: return settled_.empty() ? 1 : 0;
      case model::MissedPolicy::all: return kMostMadeUp;
    }
    return 0;
  }

  void fire(WallTime nominal_at) {
    const bool waited = standing_.waiting == nominal_at || was_refused(nominal_at);
    const bool made_up = !waited && (late(nominal_at) > kOnTime || !settled_.empty());
    if (made_up) ++made_up_;
    settled_.push_back({nominal_at, made_up, std::nullopt});
  }

  void add_skip(WallTime nominal_at, const Reason& reason) {
    settled_.push_back(
        {nominal_at, false, model::Fire{schedule_.name, nominal_at, now_, {}, reason.skipped, reason.text, 1}});
    fold();
  }

  // Many skips for one reason in a row become one. The row stands at the latest of them, so that the search goes on behind it.
  void fold() {
    const model::Fire& last = *settled_.back().skip;
    std::size_t alike = 0;
    while (alike < settled_.size()) {
      const auto& skip = settled_[settled_.size() - 1 - alike].skip;
      if (!skip || skip->skipped != last.skipped) break;
      ++alike;
      if (skip->folded > 1) break;
    }
    model::Fire& newest = *settled_[settled_.size() - alike].skip;
    if (alike <= kFoldAbove && newest.folded == 1) return;
    newest.folded += static_cast<int>(alike) - 1;
    settled_.resize(settled_.size() - alike + 1);
  }

  const model::Schedule& schedule_;
  const Timetable& timetable_;
  const Standing& standing_;
  const WallTime now_;
  std::vector<Settling> settled_;  // newest first
  std::size_t made_up_ = 0;
};

}  // namespace

std::vector<Settling> decide_due(const model::Schedule& schedule, const Timetable& timetable, const Standing& standing,
                                 WallTime now) {
  auto settled = Decider(schedule, timetable, standing, now).decide();
  for (Settling& s : settled) {
    if (s.skip && s.skip->folded > 1) s.skip->reason += fmt::format(" ({} due times up to this one)", s.skip->folded);
  }
  return settled;
}

}  // namespace dyno::schedule
