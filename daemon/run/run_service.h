// Takes requests for runs, keeps their order, and executes one at a time on its own thread, which also tends the engine: before each
// run, after it, and every minute, so that no run begins beside what another left behind. While the engine is away or not clean the
// queue is held, and nothing in it is lost. What is stored and what is looked up are given functions, so that nothing here knows a
// database or a file. Thread-safe. Destruction interrupts the run under way and returns when it is cleaned up.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/fire.h"
#include "model/run.h"
#include "run/executor.h"
#include "run/rig.h"

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

// Why no run begins just now.
enum class HoldKind {
  engine_down,  // no engine answers
  leftovers     // something of an earlier run is in the engine, and cannot be removed
};
std::string_view to_string(HoldKind kind);  // as it stands on the wire
struct Trouble {
  HoldKind kind = HoldKind::engine_down;
  std::string text;
};
// Why no run may begin after such a sweep; nothing: one may.
std::optional<Trouble> trouble_of(const Result<Swept>& swept);

struct Hold {
  Trouble trouble;
  WallTime since;
};
// "engine_down since 28 Nov 2026, 11:35 UTC: no such file"
std::string describe(const Hold& hold);

struct RunServiceCalls {
  // Executes a job; the state that the run is in then: one that it ended in, or queued where it was cut off and is to go on.
  std::function<model::RunState(const model::Job&, std::stop_token, const std::function<bool()>& interrupting)> execute;
  // Records that a queued run ends without having begun (skipped, where it has waited longer than it may), or without going on.
  std::function<void(const std::string& run_id, model::RunState, const std::string& reason)> settle;
  // Makes the engine ready for the next run; called by the service's thread only, never during a run. Empty: it is always ready.
  std::function<std::optional<Trouble>()> tend{};
  // Told of each change: a hold, or its end after so long.
  std::function<void(const std::optional<Hold>&, Nanos held_for)> held{};
};

struct RunServiceOptions {
  bool opened = true;                            // false: nothing begins, and nothing is tended, before open()
  Nanos engine_wait = std::chrono::minutes(30);  // so long a run that has begun waits for the engine
};

class RunService {
 public:
  static constexpr std::size_t kLongestQueue = 64;

  // The clock must outlive it.
  RunService(RunServiceCalls calls, Clock& clock, RunServiceOptions options = {});
  ~RunService();
  RunService(const RunService&) = delete;
  RunService& operator=(const RunService&) = delete;

  void open();
  // To be asked before a run is stored; between this and enqueue() another may take the last place.
  Admission admission() const;
  // Queues a job whose run is already stored under job.run_id. While the daemon stops it is left to its next life. `has_begun`: it was
  // cut off, and goes before all that never began.
  void enqueue(model::Job job, bool has_begun = false);
  // A queued run ends at once, the running one when it is cleaned up; repeats do no harm. not_found: neither queued nor running.
  Status cancel(const std::string& run_id);
  std::vector<QueueEntry> queue() const;  // running first
  std::optional<Hold> hold() const;
  // Whether the engine has been tended at all: before that nobody knows whether a run may begin.
  bool is_tended() const;
  // No further run begins; the running one is interrupted. Returns at once.
  void drain();

 private:
  struct Waiting {
    model::Job job;
    bool has_begun = false;
  };

  void work(const std::stop_token& stop);
  void tend();
  void give_up_late();
  std::optional<Waiting> take_next();
  void execute(Waiting next);
  void put(Waiting waiting);  // under mutex_
  void await_work();

  // Set once in the constructor.
  const RunServiceCalls calls_;
  Clock& clock_;
  const RunServiceOptions options_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  bool opened_;
  std::deque<Waiting> waiting_;
  std::optional<QueueEntry> running_;
  std::stop_source stop_running_;
  std::stop_source wake_;  // requested: there is something to look at, or the end
  std::optional<Hold> hold_;
  bool tended_ = false;
  bool draining_ = false;

  // Used by its own thread only.
  MonotonicTime held_since_{};
  Nanos pause_{};  // until the engine is looked at again

  std::jthread thread_;
};

}  // namespace dyno::run
