#include "fakes/memory_journal.h"

namespace dyno::fakes {

Result<std::int64_t> MemoryJournal::append(const std::string& run_id, WallTime at, const model::RunEvent& event) {
  StoredEvent stored;
  Hook hook;
  {
    const std::lock_guard lock(mutex_);
    if (const auto failure = failures_.find(++appends_); failure != failures_.end()) return fail(failure->second);
    stored = {static_cast<std::int64_t>(events_.size()) + 1, run_id, at, event};
    events_.push_back(stored);
    hook = hook_;
  }
  if (hook) hook(stored);
  return stored.id;
}

void MemoryJournal::publish(const model::LiveSample& sample) {
  const std::lock_guard lock(mutex_);
  published_.push_back(sample);
}

void MemoryJournal::fail_append(int nth, Error error) {
  const std::lock_guard lock(mutex_);
  failures_[nth] = std::move(error);
}

void MemoryJournal::on_append(Hook hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

std::vector<StoredEvent> MemoryJournal::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::vector<std::string> MemoryJournal::kinds() const {
  std::vector<std::string> kinds;
  for (const StoredEvent& stored : events()) kinds.emplace_back(model::kind_of(stored.event));
  return kinds;
}

std::vector<model::LiveSample> MemoryJournal::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

}  // namespace dyno::fakes
