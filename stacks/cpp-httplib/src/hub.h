#pragma once

// Hands each message of a topic to everybody who listens to it. Any thread.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// The messages one subscriber has not taken yet. One that is 256 behind is cut off: it would hold up memory, or miss
// one unseen.
class Mailbox {
 public:
  void put(const std::string& event);
  void close();
  // Everything that waits, or nothing when the time is up. False: closed, nothing will come any more.
  bool take(std::string& events, std::chrono::milliseconds wait);

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::string> events_;
  bool is_closed_ = false;
};

class Hub {
 public:
  // The topic forgets a mailbox that nobody holds any more.
  std::shared_ptr<Mailbox> subscribe(const std::string& topic);
  void publish(const std::string& topic, const std::string& text);
  // Ends every subscription, those of the future too.
  void close();

 private:
  struct Topic {
    std::uint64_t sequence = 0;
    std::vector<std::weak_ptr<Mailbox>> subscribers;  // weak: the stream that reads it is the owner
  };

  std::mutex mutex_;
  std::map<std::string, Topic> topics_;
  bool is_closed_ = false;
};
