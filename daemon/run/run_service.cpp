#include "run/run_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"

namespace dyno::run {

RunService::RunService(RunServiceCalls calls)
    : calls_(std::move(calls)), thread_([this](std::stop_token stop) { work(std::move(stop)); }) {}

RunService::~RunService() {
  drain();
  thread_.request_stop();
}

Admission RunService::admission() const {
  const std::lock_guard lock(mutex_);
  if (draining_) return Admission::draining;
  return waiting_.size() >= kLongestQueue ? Admission::full : Admission::open;
}

std::string why_too_late(const model::RunRequest& request, WallTime now) {
  if (!request.start_by || now <= *request.start_by) return {};
  return fmt::format("it waited in the queue beyond its start deadline ({} UTC)",
                     format_stamp(*request.start_by, std::chrono::seconds(0)));
}

void RunService::enqueue(model::Job job) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(job));
  }
  changed_.notify_all();
}

Status RunService::cancel(const std::string& run_id) {
  {
    const std::lock_guard lock(mutex_);
    if (running_ && running_->run_id == run_id) {
      stop_running_.request_stop();
      return {};
    }
    const auto found =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const model::Job& job) { return job.run_id == run_id; });
    if (found == waiting_.end())
      return fail(ErrorCode::not_found, fmt::format("the run {} is neither queued nor running", run_id));
    waiting_.erase(found);
  }
  calls_.settle(run_id, model::RunState::cancelled, "cancelled before it began");
  return {};
}

std::vector<QueueEntry> RunService::queue() const {
  const std::lock_guard lock(mutex_);
  std::vector<QueueEntry> entries;
  if (running_) entries.push_back(*running_);
  for (const auto& job : waiting_) entries.push_back({job.run_id, job.request.trigger, false});
  return entries;
}

void RunService::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  stop_running_.request_stop();
}

void RunService::work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    model::Job job;
    std::stop_token stop_run;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !waiting_.empty() && !draining_; })) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
      running_ = QueueEntry{job.run_id, job.request.trigger, true};
      stop_running_ = std::stop_source();
      stop_run = stop_running_.get_token();
    }
    if (const std::string reason = calls_.why_skipped(job.request); reason.empty()) {
      calls_.execute(job, stop_run, [this] {
        const std::lock_guard lock(mutex_);
        return draining_;
      });
    } else {
      calls_.settle(job.run_id, model::RunState::skipped, reason);
    }
    const std::lock_guard lock(mutex_);
    running_.reset();
  }
}

}  // namespace dyno::run
