// 1, 2, 3 … over all workers of a process, no number twice: each takes a block at a time, so that the counter they share is touched
// once in a while. With one worker nothing is left out; with several, what is left of their last blocks.
#pragma once

#include <atomic>
#include <cstdint>

namespace dyno::loadgen {

class Sequence {
 public:
  static constexpr std::int64_t kBlock = 256;

  // `shared` begins with 1 and outlives this; null: counts alone.
  explicit Sequence(std::atomic<std::int64_t>* shared) : shared_(shared) {}

  std::int64_t next() {
    if (next_ == end_ && shared_ != nullptr) {
      next_ = shared_->fetch_add(kBlock, std::memory_order_relaxed);
      end_ = next_ + kBlock;
    }
    return next_++;
  }

 private:
  std::atomic<std::int64_t>* shared_;
  std::int64_t next_ = 1;
  std::int64_t end_ = 1;
};

}  // namespace dyno::loadgen
