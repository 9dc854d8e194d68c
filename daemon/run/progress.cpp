#include "run/progress.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace dyno::run {

ProgressMeter::ProgressMeter(std::vector<Nanos> expected_by_trial, int blocks)
    : expected_(std::move(expected_by_trial)),
      expected_total_(std::accumulate(expected_.begin(), expected_.end(), Nanos{})),
      blocks_(blocks) {}

void ProgressMeter::begin_trial(std::size_t index, MonotonicTime now) {
  current_ = index;
  in_trial_ = true;
  trial_begin_ = now;
}

void ProgressMeter::end_trial(MonotonicTime now, bool whole) {
  if (!in_trial_) return;
  in_trial_ = false;
  expected_done_ += expected_[current_];
  if (!whole) return;
  taken_ += now - trial_begin_;
  expected_whole_ += expected_[current_];
}

void ProgressMeter::leave_out(std::size_t index) { expected_total_ -= std::exchange(expected_[index], Nanos{}); }

model::Progress ProgressMeter::at(MonotonicTime now, WallTime wall_now, int block, std::string case_name,
                                  std::string step, std::string phase) const {
  model::Progress progress;
  progress.block = block;
  progress.blocks = blocks_;
  progress.case_name = std::move(case_name);
  progress.step = std::move(step);
  progress.phase = std::move(phase);
  if (expected_total_.count() <= 0) return progress;
  // Until something has finished, the plan's own figures are the best guess.
  const double pace = expected_whole_.count() > 0
                          ? static_cast<double>(taken_.count()) / static_cast<double>(expected_whole_.count())
                          : 1.0;
  Nanos in_current{};
  if (in_trial_) {
    const Nanos paced(static_cast<std::int64_t>(static_cast<double>((now - trial_begin_).count()) / pace));
    in_current = std::min(paced, expected_[current_]);
  }
  const Nanos done = expected_done_ + in_current;
  progress.done_ratio = std::min(1.0, static_cast<double>(done.count()) / static_cast<double>(expected_total_.count()));
  const double left = static_cast<double>((expected_total_ - done).count()) * pace;
  progress.eta_at = wall_now + Nanos(static_cast<std::int64_t>(std::max(0.0, left)));
  return progress;
}

}  // namespace dyno::run
