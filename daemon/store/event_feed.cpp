#include "store/event_feed.h"

#include <algorithm>

namespace dyno::store {
namespace {

const std::string& run_of(const FeedItem& item) {
  if (const auto* const row = std::get_if<model::EventRow>(&item)) return row->run_id;
  return std::get<model::LiveSample>(item).run_id;
}

// Roughly what the item takes on the wire.
std::size_t bytes_of(const FeedItem& item) {
  constexpr std::size_t kFrame = 256;
  if (const auto* const row = std::get_if<model::EventRow>(&item)) return kFrame + row->text.size();
  return kFrame;
}

}  // namespace

Subscription::Subscription(EventFeed& feed, std::string run_id, std::size_t limit_bytes)
    : feed_(feed), run_id_(std::move(run_id)), limit_bytes_(limit_bytes) {}

Subscription::~Subscription() { feed_.forget(this); }

std::optional<FeedItem> Subscription::next(std::chrono::milliseconds wait, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::move(stop), wait, [this] { return !queue_.empty() || closed_; });
  if (queue_.empty()) return std::nullopt;
  auto [item, bytes] = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= bytes;
  return std::move(item);
}

bool Subscription::ended() const {
  const std::lock_guard lock(mutex_);
  return closed_ && queue_.empty();
}

void Subscription::offer(const FeedItem& item, std::size_t bytes) {
  if (!run_id_.empty() && run_of(item) != run_id_) return;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (queued_bytes_ + bytes > limit_bytes_) {
      closed_ = true;
    } else {
      queue_.emplace_back(item, bytes);
      queued_bytes_ += bytes;
    }
  }
  changed_.notify_all();
}

void Subscription::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::unique_ptr<Subscription> EventFeed::subscribe(std::string run_id, std::size_t limit_bytes) {
  std::unique_ptr<Subscription> subscription(new Subscription(*this, std::move(run_id), limit_bytes));
  const std::lock_guard lock(mutex_);
  if (closed_) subscription->close();
  subscriptions_.push_back(subscription.get());
  return subscription;
}

void EventFeed::post(const FeedItem& item) {
  const std::size_t bytes = bytes_of(item);
  const std::lock_guard lock(mutex_);
  for (Subscription* const subscription : subscriptions_) subscription->offer(item, bytes);
}

void EventFeed::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Subscription* const subscription : subscriptions_) subscription->close();
}

std::size_t EventFeed::subscribers() const {
  const std::lock_guard lock(mutex_);
  return subscriptions_.size();
}

void EventFeed::forget(Subscription* subscription) {
  const std::lock_guard lock(mutex_);
  std::erase(subscriptions_, subscription);
}

}  // namespace dyno::store
