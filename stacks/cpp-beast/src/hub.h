#pragma once

// Hands each message of a topic to everybody who listens to it, on whatever thread they are. Any thread.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net.h"

// What one subscriber has not taken yet. One that is 256 messages behind is cut off: it would hold up memory, or miss
// one unseen. put() and close() on any thread, take() on the one of the subscriber.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(Executor executor) : timer_(executor) {}

  void put(const std::string& event);
  void close();
  // Everything that waits, or a comment when nothing came for a while. Empty: closed.
  Task<std::string> take();

 private:
  void wake();

  Timer timer_;  // of the subscriber's thread
  // Guarded by mutex_.
  std::mutex mutex_;
  std::string events_;
  int count_ = 0;
  bool is_closed_ = false;
};

class Hub {
 public:
  std::shared_ptr<Mailbox> subscribe(const std::string& topic, Executor executor);
  void publish(const std::string& topic, const std::string& text);
  // Ends every subscription, those of the future too.
  void close();

 private:
  struct Topic {
    std::uint64_t sequence = 0;
    std::vector<std::weak_ptr<Mailbox>> subscribers;  // weak: the session that reads it is the owner
  };

  std::mutex mutex_;
  std::map<std::string, Topic> topics_;
  bool is_closed_ = false;
};
