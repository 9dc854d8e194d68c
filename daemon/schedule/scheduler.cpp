#include "schedule/scheduler.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"
#include "schedule/due_times.h"

namespace dyno::schedule {
namespace {

// Clocks are not read at one instant, and all run at their own pace.
constexpr Nanos kAsleep = std::chrono::minutes(1);

std::string stamp(WallTime instant) { return format_stamp(instant, std::chrono::seconds(0)) + " UTC"; }

}  // namespace

Scheduler::Scheduler(Clock& clock, std::vector<model::Schedule> schedules, SchedulerActions actions, Refusals refused)
    : clock_(clock), actions_(std::move(actions)), refused_(std::move(refused)) {
  last_ = {clock.wall_now(), clock.now(), clock.since_boot()};
  looked_at_ = last_.wall;
  for (model::Schedule& schedule : schedules) {
    Result<Timetable> timetable = make_timetable(schedule);
    if (timetable) {
      entries_.push_back({std::move(schedule), std::move(*timetable)});
    } else {
      problems_[schedule.name] = timetable.error().message;
    }
  }
  thread_ = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
}

Scheduler::Refusals Scheduler::end() {
  thread_ = {};
  return std::move(refused_);
}

std::map<std::string, std::string> Scheduler::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

std::map<std::string, std::string> Scheduler::notices() const {
  const std::lock_guard lock(mutex_);
  return notices_;
}

void Scheduler::work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (wait_for(clock_, tick(), stop) == WaitOutcome::stopped) return;
  }
}

// What the wall clock did since the last look beside the one that nobody sets, and that one beside the one that stands still in sleep.
WallTime Scheduler::read_clocks() {
  const Reading now{clock_.wall_now(), clock_.now(), clock_.since_boot()};
  const Nanos passed = now.since_boot - last_.since_boot;
  if ((now.wall - last_.wall) - passed > kStepOfClock) leapt_ = WallSpan{last_.wall, now.wall};
  if (passed - (now.monotonic - last_.monotonic) > kAsleep) slept_ = WallSpan{last_.wall, now.wall};
  last_ = now;
  return now.wall;
}

Nanos Scheduler::tick() {
  const WallTime now = read_clocks();
  Nanos wait = kLongestWait;
  for (const Entry& entry : entries_) {
    const std::string& name = entry.schedule.name;
    const Settled settled = settle(entry, now);
    remember(name, settled, now);
    std::string problem = settled.problem ? "" : settled.problem.error().message;
    if (const std::string missing = missing_run(entry.schedule, now); !missing.empty())
      problem += (problem.empty() ? "" : "; ") + missing;
    set(problems_, name, problem);
    const WallTime unjittered = now - entry.timetable.jitter;
    const std::vector<WallTime> soon = due_between(entry.timetable, unjittered, unjittered + kLongestWait);
    if (!soon.empty()) wait = std::min(wait, Nanos(soon.front() - unjittered));
  }
  looked_at_ = now;
  return wait;
}

Status Scheduler::learn_since(WallTime now) {
  if (!known_since_.empty()) return {};
  auto since = actions_.known_since(now);
  if (!since) return fail(since.error());
  known_since_ = std::move(*since);
  return {};
}

Scheduler::Settled Scheduler::settle(const Entry& entry, WallTime now) {
  const std::string& name = entry.schedule.name;
  if (Status learnt = learn_since(now); !learnt) return not_kept(std::move(learnt.error()));
  const Result<model::FiresOnRecord> record = actions_.on_record(name, now);
  if (!record) return not_kept(record.error());
  set(notices_, name,
      record->ahead ? fmt::format("the clock was ahead: due times up to {} are on record already, and what was started "
                                  "then is not started again",
                                  stamp(*record->ahead))
                    : "");
  WallTime& since = known_since_[name];
  since = std::min(since, now);  // the clock was ahead when it became known
  Standing standing{std::max(since, record->last.value_or(since)), {}, {}, leapt_, slept_};
  if (record->last_waits) standing.waiting = record->last;
  if (const auto refused = refused_.find(name); refused != refused_.end()) standing.refused = refused->second;
  Status problem;
  for (const Settling& due : decide_due(entry.schedule, entry.timetable, standing, now)) {
    if (due.skip) {
      if (Status done = actions_.skip(*due.skip); !done) return not_kept(std::move(done.error()));
      continue;
    }
    const bool on_record = record->last_waits && due.nominal_at == record->last;
    Settled settled = settle_fire(entry.schedule, due, on_record, now);
    // What is not on record must not be passed by.
    if (!settled.is_done) return settled;
    problem = std::move(settled.problem);
  }
  return {std::move(problem)};
}

Scheduler::Settled Scheduler::settle_fire(const model::Schedule& schedule, const Settling& due, bool on_record,
                                          WallTime now) {
  const FireOutcome outcome = actions_.fire(schedule, due.nominal_at, due.made_up);
  const model::Fire skip{schedule.name, due.nominal_at, now, {}, outcome.skipped, outcome.reason, 1};
  switch (outcome.fired) {
    case Fired::started:
    case Fired::settled_before: return {};
    case Fired::not_now: return {fail(ErrorCode::unavailable, outcome.reason), false, outcome.reason};
    case Fired::skipped: {
      Status skipped = actions_.skip(skip);
      if (!skipped || outcome.skipped != model::SkipReason::invalid) return {std::move(skipped)};
      return {fail(ErrorCode::invalid_argument, outcome.reason)};
    }
    case Fired::no_place: break;
  }
  if (!on_record) {
    if (Status recorded = actions_.skip(skip); !recorded)
      return {std::move(recorded), false, outcome.reason, outcome.skipped};
  }
  return {fail(ErrorCode::unavailable, outcome.reason)};
}

Scheduler::Settled Scheduler::not_kept(Error error) {
  const bool is_of_disk = error.code == ErrorCode::storage;
  std::string reason = error.message;
  return {fail(std::move(error)), false, std::move(reason),
          is_of_disk ? std::optional(model::SkipReason::disk_low) : std::nullopt};
}

// The daemon is there for all that comes due from its last look on.
void Scheduler::remember(const std::string& schedule, const Settled& settled, WallTime now) {
  if (settled.is_done) {
    refused_.erase(schedule);
    return;
  }
  Refusal& refusal = refused_.try_emplace(schedule, Refusal{{looked_at_, now}, {}}).first->second;
  refusal.span.to = now;
  if (!refusal.reason.empty()) return;  // the first one: that those which follow could not be put on record comes of it
  refusal.reason = settled.reason;
  refusal.skipped = settled.skipped;
}

// Words for a night without results; empty: nothing is missing.
std::string Scheduler::missing_run(const model::Schedule& schedule, WallTime now) {
  if (!schedule.expect_every || !schedule.enabled || known_since_.empty()) return {};
  const auto completed = actions_.last_completed(schedule.name);
  if (!completed) return completed.error().message;
  const WallTime since = completed->value_or(known_since_[schedule.name]);
  if (now - since <= *schedule.expect_every) return {};
  return fmt::format("no run has completed since {} (expected every {})", stamp(since),
                     format_span(*schedule.expect_every));
}

void Scheduler::set(std::map<std::string, std::string>& texts, const std::string& schedule, const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = texts.find(schedule);
    if (text == (found == texts.end() ? "" : found->second)) return;
    if (text.empty()) {
      texts.erase(found);
      return;
    }
    texts[schedule] = text;
  }
  actions_.told(schedule, text);
}

}  // namespace dyno::schedule
