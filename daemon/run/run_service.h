// Takes requests for runs, keeps their order, and executes one at a time on its own thread, which also tends the machine: before each
// run, after it, and every minute, so that no run begins beside what another left behind, without an engine, or without room on the
// disk. While one of these is so the queue is held, and nothing in it is lost: an end that could not be stored is told when it can.
// What is stored and what is looked up are given functions, so that nothing here knows a
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
  no_room,     // on the disk: passes
  other        // it could not be stored
};
struct Refusal {
  Refused why = Refused::other;
  Error error;
};

// Why no run begins just now.
enum class HoldKind {
  engine_down,   // no engine answers
  leftovers,     // something of an earlier run is in the engine, and cannot be removed
  storage_full,  // the disk takes no writes
  disk_low       // it has less free space than a run may begin or go on with
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

// Where a run that comes in belongs.
enum class Arrival {
  by_urgency,  // behind what is as urgent: what somebody waits for goes before what a schedule asked for
  behind,      // at the end: its place was kept
  begun        // it was cut off, and goes before all that never began
};

struct RunServiceCalls {
  // Executes a job.
  std::function<Executed(const model::Job&, std::stop_token, const std::function<bool()>& interrupting)> execute;
  // Stores what becomes of a run while it is not executed.
  std::function<Status(const std::string& run_id, const model::RunEvent&)> tell;
  // Stores that the run is to be cancelled, so that it is, whatever becomes of the daemon. Empty: nothing outlives it.
  std::function<Status(const std::string& run_id)> keep_cancel{};
  // Stores the order of all that waits. Empty: nothing outlives it.
  std::function<Status(const std::vector<std::string>& run_ids)> keep_order{};
  // Makes the machine ready for the next run; called by the service's thread only, never during a run. Empty: it is always ready.
  std::function<std::optional<Trouble>()> tend{};
  // Why the disk has no room for another run. Called by any thread. Empty: it always has.
  std::function<std::optional<Trouble>()> room{};
  // Told of each change: a hold, or its end after so long.
  std::function<void(const std::optional<Hold>&, Nanos held_for)> held{};
};

struct RunServiceOptions {
  bool opened = true;                            // false: nothing begins, and nothing is tended, before open()
  Nanos engine_wait = std::chrono::minutes(30);  // so long a run that has begun waits for the engine
  Nanos room_wait = std::chrono::hours(12);      // … and so long for room on the disk
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
  std::optional<Trouble> why_no_room() const { return calls_.room ? calls_.room() : std::nullopt; }
  // Queues a job whose run is already stored under job.run_id. While the daemon stops it is left to its next life.
  void enqueue(model::Job job, Arrival arrival = Arrival::by_urgency);
  // Gives a queued run this place among those that wait: 1 begins next, what is beyond the end is the end. What has begun stays in
  // front. ok is kept; after an error nothing was done. not_found: it does not wait; conflict: it has begun.
  Status move(const std::string& run_id, std::size_t position);
  // A queued run ends at once, the running one when it is cleaned up; repeats do no harm. ok is kept whatever becomes of the daemon;
  // after an error nothing was done. not_found: neither queued nor running.
  Status cancel(const std::string& run_id);
  // Ends a run that is not in the queue; told later where it cannot be stored now.
  void settle(const std::string& run_id, model::RunState state, const std::string& reason);
  std::vector<QueueEntry> queue() const;  // running first
  std::optional<Hold> hold() const;
  // Whether the machine has been tended at all: before that nobody knows whether a run may begin.
  bool is_tended() const;
  // No further run begins; the running one is interrupted. Returns at once.
  void drain();

 private:
  struct Waiting {
    model::Job job;
    bool has_begun = false;
  };

  // What could not be stored when it happened.
  struct Owed {
    std::string run_id;
    model::RunEvent event;
  };

  void work(const std::stop_token& stop);
  void tend();
  std::optional<Trouble> tell_owed();
  void owe(const std::string& run_id, model::RunEvent event);
  Status cancel_running(const std::string& run_id);
  Status cancel_waiting(const std::string& run_id);
  void give_up_late();
  std::optional<Waiting> take_next();
  void execute(Waiting next);
  void put(Waiting waiting, Arrival arrival);                                                 // under mutex_
  Result<std::vector<std::string>> reorder(const std::string& run_id, std::size_t position);  // the order before
  std::vector<std::string> waiting_ids() const;
  void await_work();

  // Set once in the constructor.
  const RunServiceCalls calls_;
  Clock& clock_;
  const RunServiceOptions options_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  bool opened_;
  std::deque<Waiting> waiting_;
  std::deque<Owed> owed_;  // taken from the front by its own thread only
  std::optional<QueueEntry> running_;
  std::stop_source stop_running_;
  std::stop_source wake_;  // requested: there is something to look at, or the end
  std::optional<Hold> hold_;
  bool tended_ = false;
  bool draining_ = false;

  // Used by its own thread only.
  MonotonicTime held_since_{};
  Nanos pause_{};  // until the machine is looked at again

  std::jthread thread_;
};

}  // namespace dyno::run
