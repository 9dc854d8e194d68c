// A few threads that run tasks in the order in which they came. Destruction finishes what was begun and drops the rest.
// Thread-safe. The number of waiting tasks is bounded by who puts them in: one for each connection.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dyno::api {

class WorkQueue {
 public:
  using Task = std::function<void()>;

  explicit WorkQueue(int threads);
  ~WorkQueue();

  void put(Task task);

 private:
  void work(std::stop_token stop);

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> tasks_;

  std::vector<std::jthread> threads_;
};

}  // namespace dyno::api
