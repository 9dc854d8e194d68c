#pragma once

// A task queue that starts a thread when nobody is free, up to a limit, and keeps it. A connection holds its thread
// from its first byte to its close, and the library's own pool has a fixed number from the start.

#include <httplib.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

class ThreadPool final : public httplib::TaskQueue {
 public:
  explicit ThreadPool(std::size_t limit) : limit_(limit) {}

  bool enqueue(std::function<void()> task) override;
  void shutdown() override;

 private:
  void work();

  const std::size_t limit_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  std::size_t free_ = 0;
  bool is_stopping_ = false;
};
