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

}  // namespace

std::string_view to_string(HoldKind kind) {
  switch (kind) {
    case HoldKind::engine_down: return "engine_down";
    case HoldKind::leftovers: return "leftovers";
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

void RunService::enqueue(model::Job job, bool has_begun) {
  const std::lock_guard lock(mutex_);
  put({std::move(job), has_begun});
  wake_.request_stop();
}

// What has begun goes before what has not, each in the order of coming.
void RunService::put(Waiting waiting) {
  const auto place = waiting.has_begun ? std::find_if(waiting_.begin(), waiting_.end(),
                                                      [](const Waiting& one) { return !one.has_begun; })
                                       : waiting_.end();
  waiting_.insert(place, std::move(waiting));
}

Status RunService::cancel(const std::string& run_id) {
  bool has_begun = false;
  {
    const std::lock_guard lock(mutex_);
    if (running_ && running_->run_id == run_id) {
      stop_running_.request_stop();
      return {};
    }
    const auto found =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) { return one.job.run_id == run_id; });
    if (found == waiting_.end())
      return fail(ErrorCode::not_found, fmt::format("the run {} is neither queued nor running", run_id));
    has_begun = found->has_begun;
    waiting_.erase(found);
  }
  calls_.settle(run_id, model::RunState::cancelled, has_begun ? kCancelledBeforeItWentOn : "cancelled before it began");
  return {};
}

std::vector<QueueEntry> RunService::queue() const {
  const std::lock_guard lock(mutex_);
  std::vector<QueueEntry> entries;
  if (running_) entries.push_back(*running_);
  for (const auto& one : waiting_) entries.push_back({one.job.run_id, one.job.request.trigger, false});
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
    if (stop.stop_requested()) return;  // after that: an end that came before it would not wake again
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
    if (!calls_.tend || !opened_ || draining_) return;
  }
  auto trouble = calls_.tend();
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
    if (!hold_ || clock_.now() - held_since_ < options_.engine_wait) return;
    while (!waiting_.empty() && waiting_.front().has_begun) {
      late.push_back(waiting_.front().job.run_id);
      waiting_.pop_front();
    }
    reason = fmt::format("it could not go on within {}: {}", format_span(options_.engine_wait), describe(*hold_));
  }
  for (const std::string& id : late) calls_.settle(id, model::RunState::interrupted, reason);
}

std::optional<RunService::Waiting> RunService::take_next() {
  const std::lock_guard lock(mutex_);
  if (!opened_ || draining_ || hold_ || waiting_.empty()) return std::nullopt;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  running_ = QueueEntry{next.job.run_id, next.job.request.trigger, true};
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
    calls_.settle(next.job.run_id, model::RunState::skipped, late);
    const std::lock_guard lock(mutex_);
    running_.reset();
    return;
  }
  const model::RunState state = calls_.execute(next.job, stop_run, [this] {
    const std::lock_guard lock(mutex_);
    return draining_;
  });
  {
    const std::lock_guard lock(mutex_);
    running_.reset();
    if (state != model::RunState::queued || draining_) return;
    if (!stop_run.stop_requested()) {
      put({std::move(next.job), true});
      return;
    }
  }
  calls_.settle(next.job.run_id, model::RunState::cancelled, kCancelledBeforeItWentOn);
}

// Until there is something to do, or the engine is to be looked at again.
void RunService::await_work() {
  std::stop_token woken;
  {
    const std::lock_guard lock(mutex_);
    woken = wake_.get_token();
  }
  if (calls_.tend && pause_ > Nanos::zero()) {
    static_cast<void>(wait_for(clock_, pause_, woken));
    return;
  }
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, woken, [] { return false; });
}

}  // namespace dyno::run
