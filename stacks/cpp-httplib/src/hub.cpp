#include "hub.h"

#include <algorithm>

void Mailbox::put(const std::string& event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    if (events_.size() > 256) is_closed_ = true;
  }
  filled_.notify_one();
}

void Mailbox::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  filled_.notify_one();
}

bool Mailbox::take(std::string& events, std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  filled_.wait_for(lock, wait, [this] { return is_closed_ || !events_.empty(); });
  if (is_closed_) return false;
  for (const std::string& event : events_) events += event;
  events_.clear();
  return true;
}

std::shared_ptr<Mailbox> Hub::subscribe(const std::string& topic) {
  auto mailbox = std::make_shared<Mailbox>();
  const std::lock_guard lock(mutex_);
  if (is_closed_) mailbox->close();
  topics_[topic].subscribers.push_back(mailbox);
  return mailbox;
}

void Hub::publish(const std::string& topic, const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return;
  auto& [sequence, subscribers] = found->second;
  const std::string event = "id: " + std::to_string(++sequence) + "\ndata: " + text + "\n\n";
  std::erase_if(subscribers, [&event](const std::weak_ptr<Mailbox>& subscriber) {
    const auto mailbox = subscriber.lock();
    if (mailbox != nullptr) mailbox->put(event);
    return mailbox == nullptr;
  });
}

void Hub::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  for (auto& [name, topic] : topics_) {
    for (const auto& subscriber : topic.subscribers) {
      if (const auto mailbox = subscriber.lock()) mailbox->close();
    }
  }
}
