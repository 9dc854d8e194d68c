#include "run/run_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/quantity.h"

namespace dyno::run {
namespace {

constexpr Nanos kEveryMinute = std::chrono::minutes(1);
constexpr Nanos kFirstPause = std::chrono::seconds(1);
constexpr Nanos kLongestPause = std::chrono::seconds(10);
constexpr auto kCancelledBeforeItWentOn = "cancelled before it went on";

// Words for a run that has waited longer than it may; empty: it may begin.
std::string why_too_late(const model::RunRequest& request, WallTime now) {
  if (!request.start_by || now <= *request.start_by) return {};
  return fmt::format("it waited in the queue beyond its start deadline ({} UTC)",
                     format_stamp(*request.start_by, std::chrono::seconds(0)));
}

// Somebody waits for what was asked for by hand; a run that confirms a finding is for the one who reads it.
int urgency_of(const model::Job& job) {
  switch (job.request.trigger) {
    case model::Trigger::manual:
    case model::Trigger::api: return 2;
    case model::Trigger::confirm: return 1;
    case model::Trigger::schedule: return 0;
  }
  return 0;
}

bool is_of_disk(HoldKind kind) { return kind == HoldKind::storage_full || kind == HoldKind::disk_low; }

}  // namespace

std::string_view to_string(HoldKind kind) {
  switch (kind) {
    case HoldKind::engine_down: return "engine_down";
    case HoldKind::leftovers: return "leftovers";
    case HoldKind::storage_full: return "storage_full";
    case HoldKind::disk_low: return "disk_low";
  }
  return {};
}

std::optional<Trouble> trouble_of(const Result<Swept>& swept) {
  if (!swept) return Trouble{HoldKind::engine_down, swept.error().message};
  std::string text;
  for (const auto& [name, error] : swept->stuck) {
    if (ports::fault_of(error) == ports::EngineFault::gone) return Trouble{HoldKind::engine_down, error.message};
    text += fmt::format("{}{} cannot be removed: {}", text.empty() ? "" : "; ", name, error.message);
  }
  if (text.empty()) return std::nullopt;
  return Trouble{HoldKind::leftovers, std::move(text)};
}

std::string describe(const Hold& hold) {
  return fmt::format("{} since {} UTC: {}", to_string(hold.trouble.kind),
                     format_stamp(hold.since, std::chrono::seconds(0)), hold.trouble.text);
}

RunService::RunService(RunServiceCalls calls, Clock& clock, RunServiceOptions options)
    : calls_(std::move(calls)),
      clock_(clock),
      options_(options),
      opened_(options.opened),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

RunService::~RunService() {
  drain();
  thread_.request_stop();
}

void RunService::open() {
  const std::lock_guard lock(mutex_);
  opened_ = true;
  wake_.request_stop();
}

Admission RunService::admission() const {
  const std::lock_guard lock(mutex_);
  if (draining_) return Admission::draining;
  return waiting_.size() >= kLongestQueue ? Admission::full : Admission::open;
}

void RunService::enqueue(model::Job job, Arrival arrival) {
  const std::lock_guard lock(mutex_);
  put({std::move(job), arrival == Arrival::begun}, arrival);
  wake_.request_stop();
}

// Behind the last one that goes before it, so that an order which somebody made stays as it is.
void RunService::put(Waiting waiting, Arrival arrival) {
  const auto goes_before = [&](const Waiting& one) {
    switch (arrival) {
      case Arrival::begun: return one.has_begun;
      case Arrival::behind: return true;
      case Arrival::by_urgency: break;
    }
    return one.has_begun || urgency_of(one.job) >= urgency_of(waiting.job);
  };
  auto place = waiting_.end();
  while (place != waiting_.begin() && !goes_before(*std::prev(place))) --place;
  waiting_.insert(place, std::move(waiting));
}

Status RunService::move(const std::string& run_id, std::size_t position) {
  auto before = reorder(run_id, position);
  if (!before) return fail(std::move(before.error()));
  if (!calls_.keep_order) return {};
  // Again where somebody else has moved one meanwhile: whoever stores last stores the order as it is.
  std::vector<std::string> order;
  Status kept;
  do {
    order = waiting_ids();
    kept = calls_.keep_order(order);
  } while (kept && order != waiting_ids());
  if (kept) return kept;
  const auto old = std::find(before->begin(), before->end(), run_id);
  static_cast<void>(reorder(run_id, static_cast<std::size_t>(old - before->begin()) + 1));
  return kept;
}

std::vector<std::string> RunService::waiting_ids() const {
  std::vector<std::string> ids;
  for (QueueEntry& entry : queue()) {
    if (!entry.running) ids.push_back(std::move(entry.run_id));
  }
  return ids;
}

Result<std::vector<std::string>> RunService::reorder(const std::string& run_id, std::size_t position) {
  const std::lock_guard lock(mutex_);
  const auto is_it = [&](const Waiting& one) { return one.job.run_id == run_id; };
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), is_it);
  if (found == waiting_.end()) return fail(ErrorCode::not_found, fmt::format("the run {} is not waiting", run_id));
  if (found->has_begun) return fail(ErrorCode::conflict, "the run has begun, and goes on before all others");
  std::vector<std::string> before;
  for (const Waiting& one : waiting_) before.push_back(one.job.run_id);
  Waiting moved = std::move(*found);
  waiting_.erase(found);
  const auto first = std::find_if(waiting_.begin(), waiting_.end(), [](const Waiting& one) { return !one.has_begun; });
  const auto wanted = static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(position, 1, waiting_.size() + 1)) - 1;
  waiting_.insert(std::max(first, waiting_.begin() + wanted), std::move(moved));
  return before;
}

Status RunService::cancel(const std::string& run_id) {
  const auto is_running = [&] { return running_ && running_->run_id == run_id; };
  bool to_be_stopped = false;
  {
    const std::lock_guard lock(mutex_);
    to_be_stopped = is_running();
  }
  if (!to_be_stopped) return cancel_waiting(run_id);
  // First the word is kept, then it is given.
  if (Status kept = calls_.keep_cancel ? calls_.keep_cancel(run_id) : Status(); !kept) return kept;
  {
    const std::lock_guard lock(mutex_);
    if (is_running()) {
      stop_running_.request_stop();
      return {};
    }
  }
  return cancel_waiting(run_id);  // it was cut off meanwhile, or has ended
}

Status RunService::cancel_waiting(const std::string& run_id) {
  std::unique_lock lock(mutex_);
  const auto found =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) { return one.job.run_id == run_id; });
  if (found == waiting_.end())
    return fail(ErrorCode::not_found, fmt::format("the run {} is neither queued nor running", run_id));
  const auto place = found - waiting_.begin();
  Waiting taken = std::move(*found);
  waiting_.erase(found);
  lock.unlock();
  const auto* const reason = taken.has_begun ? kCancelledBeforeItWentOn : "cancelled before it began";
  Status told = calls_.tell(run_id, model::RunStateChanged{model::RunState::cancelled, reason});
  lock.lock();
  if (told) {
    std::erase_if(owed_, [&](const Owed& one) { return one.run_id == run_id; });
  } else if (ports::may_be_told_later(told.error())) {
    waiting_.insert(waiting_.begin() + std::min(place, std::ssize(waiting_)), std::move(taken));
    wake_.request_stop();
  }
  return told;
}

void RunService::settle(const std::string& run_id, model::RunState state, const std::string& reason) {
  const model::RunStateChanged end{state, reason};
  const Status told = calls_.tell(run_id, end);
  if (!told && ports::may_be_told_later(told.error())) owe(run_id, end);
}

void RunService::owe(const std::string& run_id, model::RunEvent event) {
  const std::lock_guard lock(mutex_);
  owed_.push_back({run_id, std::move(event)});
  wake_.request_stop();
}

// In the order in which it happened; why the disk still takes none.
std::optional<Trouble> RunService::tell_owed() {
  while (true) {
    std::optional<Owed> next;
    {
      const std::lock_guard lock(mutex_);
      if (owed_.empty()) return std::nullopt;
      next = owed_.front();
    }
    const Status told = calls_.tell(next->run_id, next->event);
    if (!told && ports::may_be_told_later(told.error())) return Trouble{HoldKind::storage_full, told.error().message};
    const std::lock_guard lock(mutex_);
    if (!owed_.empty()) owed_.pop_front();
  }
}

std::vector<QueueEntry> RunService::queue() const {
  const std::lock_guard lock(mutex_);
  std::vector<QueueEntry> entries;
  if (running_) entries.push_back(*running_);
  for (const auto& one : waiting_) entries.push_back({one.job.run_id, false});
  return entries;
}

std::optional<Hold> RunService::hold() const {
  const std::lock_guard lock(mutex_);
  return hold_;
}

bool RunService::is_tended() const {
  const std::lock_guard lock(mutex_);
  return tended_ || !calls_.tend;
}

void RunService::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  stop_running_.request_stop();
}

void RunService::work(const std::stop_token& stop) {
  const std::stop_callback wake_at_end(stop, [this] {
    const std::lock_guard lock(mutex_);
    wake_.request_stop();
  });
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (wake_.stop_requested()) wake_ = std::stop_source();
    }
    if (stop.stop_requested()) {  // after that: an end that came before it would not wake again
      static_cast<void>(tell_owed());
      return;
    }
    tend();
    give_up_late();
    if (auto next = take_next()) {
      execute(std::move(*next));
    } else {
      await_work();
    }
  }
}

void RunService::tend() {
  {
    const std::lock_guard lock(mutex_);
    if (!opened_ || draining_) return;
  }
  auto trouble = tell_owed();
  if (!trouble && calls_.tend) trouble = calls_.tend();
  const MonotonicTime now = clock_.now();
  std::optional<Hold> told;
  {
    const std::lock_guard lock(mutex_);
    tended_ = true;
    const bool was_held = hold_.has_value();
    pause_ = !trouble ? kEveryMinute : was_held ? std::min(kLongestPause, pause_ * 2) : kFirstPause;
    const bool is_same = was_held == trouble.has_value() && (!was_held || hold_->trouble.kind == trouble->kind);
    if (is_same && trouble) hold_->trouble.text = std::move(trouble->text);
    if (is_same) return;
    if (trouble) hold_ = Hold{std::move(*trouble), was_held ? hold_->since : clock_.wall_now()};
    else hold_.reset();
    if (!was_held) held_since_ = now;
    told = hold_;
  }
  if (calls_.held) calls_.held(told, now - held_since_);
}

// A run that has begun does not wait for ever: its trials would be of two machines, as time goes by. What has not begun does.
void RunService::give_up_late() {
  std::vector<std::string> late;
  std::string reason;
  {
    const std::lock_guard lock(mutex_);
    if (!hold_) return;
    const Nanos patience = is_of_disk(hold_->trouble.kind) ? options_.room_wait : options_.engine_wait;
    if (clock_.now() - held_since_ < patience) return;
    while (!waiting_.empty() && waiting_.front().has_begun) {
      late.push_back(waiting_.front().job.run_id);
      waiting_.pop_front();
    }
    reason = fmt::format("it could not go on within {}: {}", format_span(patience), describe(*hold_));
  }
  for (const std::string& id : late) settle(id, model::RunState::interrupted, reason);
}

std::optional<RunService::Waiting> RunService::take_next() {
  const std::lock_guard lock(mutex_);
  if (!opened_ || draining_ || hold_ || waiting_.empty()) return std::nullopt;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  running_ = QueueEntry{next.job.run_id, true};
  stop_running_ = std::stop_source();
  return next;
}

void RunService::execute(Waiting next) {
  std::stop_token stop_run;
  {
    const std::lock_guard lock(mutex_);
    stop_run = stop_running_.get_token();
    if (draining_) stop_running_.request_stop();
  }
  // One that has begun is not late, however long it was cut off.
  const std::string late = next.has_begun ? std::string() : why_too_late(next.job.request, clock_.wall_now());
  if (!late.empty()) {
    settle(next.job.run_id, model::RunState::skipped, late);
    const std::lock_guard lock(mutex_);
    running_.reset();
    return;
  }
  Executed done = calls_.execute(next.job, stop_run, [this] {
    const std::lock_guard lock(mutex_);
    return draining_;
  });
  if (done.untold) owe(next.job.run_id, std::move(*done.untold));
  {
    const std::lock_guard lock(mutex_);
    running_.reset();
    if (done.state != model::RunState::queued || draining_) return;
    if (!stop_run.stop_requested()) {
      put({std::move(next.job), true}, Arrival::begun);
      return;
    }
  }
  settle(next.job.run_id, model::RunState::cancelled, kCancelledBeforeItWentOn);
}

// Until there is something to do, or the machine is to be looked at again.
void RunService::await_work() {
  std::stop_token woken;
  bool is_held = false;
  {
    const std::lock_guard lock(mutex_);
    woken = wake_.get_token();
    is_held = hold_.has_value();
  }
  if ((calls_.tend || is_held) && pause_ > Nanos::zero()) {
    static_cast<void>(wait_for(clock_, pause_, woken));
    return;
  }
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, woken, [] { return false; });
}

}  // namespace dyno::run
