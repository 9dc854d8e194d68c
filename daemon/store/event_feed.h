// Passes every new event row and every live sample to whoever subscribed. Keeps nothing: a subscriber that wants the past
// subscribes first, then reads the rows since its last id, then takes from the subscription and skips the ids it has seen.
// One that falls behind by more than its limit is cut off and has to resume by id. Thread-safe; no I/O under a lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "model/run_event.h"

namespace dyno::store {

using FeedItem = std::variant<model::EventRow, model::LiveSample>;

class EventFeed;

// One watcher's queue; ends its subscription when destroyed. The feed must outlive it.
class Subscription {
 public:
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // The next item, waiting for it at most `wait`; nothing when none came, a stop was requested, or the end was reached.
  std::optional<FeedItem> next(std::chrono::milliseconds wait, std::stop_token stop);
  // True once the queue is empty and no more will come, because it was too slow or the feed was closed.
  bool ended() const;

 private:
  friend class EventFeed;
  Subscription(EventFeed& feed, std::string run_id, std::size_t limit_bytes);
  void offer(const FeedItem& item, std::size_t bytes);
  void close();

  // Set once in the constructor.
  EventFeed& feed_;
  std::string run_id_;  // empty: every run
  std::size_t limit_bytes_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::pair<FeedItem, std::size_t>> queue_;
  std::size_t queued_bytes_ = 0;
  bool closed_ = false;
};

class EventFeed {
 public:
  static constexpr std::size_t kLimitBytes = 1 << 20;

  // Items of one run, or of all runs when `run_id` is empty.
  std::unique_ptr<Subscription> subscribe(std::string run_id = {}, std::size_t limit_bytes = kLimitBytes);
  void post(const FeedItem& item);
  // Ends every subscription, present and future: the daemon is stopping.
  void close();
  std::size_t subscribers() const;

 private:
  friend class Subscription;
  void forget(Subscription* subscription);

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::vector<Subscription*> subscriptions_;
  bool closed_ = false;
};

}  // namespace dyno::store
