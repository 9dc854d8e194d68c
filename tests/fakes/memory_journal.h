// A RunJournal in memory: keeps every event in order, can be told to fail at the Nth append, and calls a hook after each append
// so that a test can act (cancel, kill) at an exact point of a run. Thread-safe; the hook runs on the appending thread, unlocked.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "ports/run_journal.h"

namespace dyno::fakes {

struct StoredEvent {
  std::int64_t id = 0;
  std::string run_id;
  WallTime at;
  model::RunEvent event;
};

class MemoryJournal final : public ports::RunJournal {
 public:
  using Hook = std::function<void(const StoredEvent&)>;

  Result<std::int64_t> append(const std::string& run_id, WallTime at, const model::RunEvent& event) override;
  void publish(const model::LiveSample& sample) override;

  // The Nth append from the start (1 first) stores nothing and returns `error`.
  void fail_append(int nth, Error error);
  void on_append(Hook hook);

  std::vector<StoredEvent> events() const;
  std::vector<std::string> kinds() const;  // model::kind_of each event, in order
  std::vector<model::LiveSample> published() const;

 private:
  // guarded by mutex_
  mutable std::mutex mutex_;
  std::vector<StoredEvent> events_;
  std::vector<model::LiveSample> published_;
  std::map<int, Error> failures_;
  Hook hook_;
  int appends_ = 0;
};

// The events of type T, in order.
template <class T>
std::vector<T> events_of(const MemoryJournal& journal) {
  std::vector<T> found;
  for (const StoredEvent& stored : journal.events()) {
    if (const T* event = std::get_if<T>(&stored.event)) found.push_back(*event);
  }
  return found;
}

}  // namespace dyno::fakes
