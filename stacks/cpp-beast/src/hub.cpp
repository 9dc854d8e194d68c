#include "hub.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

namespace {

constexpr int kBacklog = 256;
// How a client that left without a word is noticed: nobody reads from it while it is written to.
constexpr std::chrono::seconds kHeartbeat{15};

}  // namespace

void Mailbox::put(const std::string& event) {
  {
    const std::lock_guard lock(mutex_);
    events_ += event;
    if (++count_ > kBacklog) is_closed_ = true;
  }
  wake();
}

void Mailbox::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  wake();
}

// A timer belongs to its thread, so even its cancellation has to happen there.
void Mailbox::wake() {
  asio::post(timer_.get_executor(), [self = shared_from_this()] { self->timer_.cancel(); });
}

Task<std::string> Mailbox::take() {
  timer_.expires_after(kHeartbeat);
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (is_closed_) co_return std::string();
      if (!events_.empty()) {
        count_ = 0;
        co_return std::exchange(events_, std::string());
      }
    }
    boost::system::error_code error;
    co_await timer_.async_wait(asio::redirect_error(use_task, error));
    if (!error) co_return ":\n\n";
    timer_.expires_after(kHeartbeat);
  }
}

std::shared_ptr<Mailbox> Hub::subscribe(const std::string& topic, Executor executor) {
  auto mailbox = std::make_shared<Mailbox>(executor);
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
