// Due times of requests that wait for a free connection, oldest first, up to a fixed number. Never allocates after construction,
// and memory is only touched where it is used. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace dyno::loadgen {

class DueQueue {
 public:
  explicit DueQueue(std::size_t limit) : limit_(limit), due_(new std::int64_t[limit]) {}

  // False: the queue is full and the request is dropped.
  bool push(std::int64_t due_ns) {
    if (size_ == limit_) return false;
    std::size_t at = first_ + size_;
    if (at >= limit_) at -= limit_;
    due_[at] = due_ns;
    ++size_;
    return true;
  }
  std::int64_t pop() {
    const std::int64_t due_ns = due_[first_];
    if (++first_ == limit_) first_ = 0;
    --size_;
    return due_ns;
  }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

 private:
  std::size_t limit_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::unique_ptr<std::int64_t[]> due_;
};

}  // namespace dyno::loadgen
