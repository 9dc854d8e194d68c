// Takes requests for runs, keeps their order, and executes one at a time on its own thread. What is stored and what is looked up
// are given functions, so that nothing here knows a database or a file. Thread-safe. Destruction interrupts the run under way and
// returns when it is cleaned up.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "model/fire.h"
#include "model/run.h"
#include "run/executor.h"

namespace dyno::run {

struct QueueEntry {
  std::string run_id;
  model::Trigger trigger = model::Trigger::api;
  bool running = false;
};

// Whether a run would be queued now.
enum class Admission { open, full, draining };

// Why a run was not started.
enum class Refused {
  queue_full,  // passes when a run has ended
  draining,    // the daemon is stopping
  settled,     // its due time was settled before: nothing more is to be done
  request,     // it cannot be run as it stands
  overlap,     // a run of its schedule has not ended
  unchanged,   // its schedule measured the same not long ago
  other        // it could not be stored
};
struct Refusal {
  Refused why = Refused::other;
  Error error;
};

struct RunServiceCalls {
  // Executes a job; model::RunState is the state it ended in.
  std::function<model::RunState(const model::Job&, std::stop_token, const std::function<bool()>& interrupting)> execute;
  // Records that a queued run ends without having begun.
  std::function<void(const std::string& run_id, model::RunState, const std::string& reason)> settle;
  // Why a run whose turn has come is not begun but skipped; empty: it is begun.
  std::function<std::string(const model::RunRequest&)> why_skipped = [](const model::RunRequest&) {
    return std::string();
  };
};

// Words for a run that has waited longer than it may; empty: it may begin.
std::string why_too_late(const model::RunRequest& request, WallTime now);

class RunService {
 public:
  static constexpr std::size_t kLongestQueue = 64;

  explicit RunService(RunServiceCalls calls);
  ~RunService();
  RunService(const RunService&) = delete;
  RunService& operator=(const RunService&) = delete;

  // To be asked before a run is stored; between this and enqueue() another may take the last place.
  Admission admission() const;
  // Queues a job whose run is already stored under job.run_id. While the daemon stops it is left to its next life.
  void enqueue(model::Job job);
  // A queued run ends at once, the running one when it is cleaned up; repeats do no harm. not_found: neither queued nor running.
  Status cancel(const std::string& run_id);
  std::vector<QueueEntry> queue() const;  // running first
  // No further run begins; the running one is interrupted. Returns at once.
  void drain();

 private:
  void work(std::stop_token stop);

  // Set once in the constructor.
  RunServiceCalls calls_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<model::Job> waiting_;
  std::optional<QueueEntry> running_;
  std::stop_source stop_running_;
  bool draining_ = false;

  std::jthread thread_;
};

}  // namespace dyno::run
