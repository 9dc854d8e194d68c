// The idle connections, the longest idle first, so that all are used in turn. Each slot is in it at most once; a slot whose
// connection has since ended stays in until it is popped, and the caller looks again. Fixed memory; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace dyno::loadgen {

class IdleRing {
 public:
  explicit IdleRing(std::size_t slots) : ring_(slots), inside_(slots, 0) {}

  void push(std::uint32_t slot) {
    if (inside_[slot] != 0) return;
    inside_[slot] = 1;
    std::size_t at = first_ + count_++;
    if (at >= ring_.size()) at -= ring_.size();
    ring_[at] = slot;
  }
  std::size_t size() const { return count_; }
  std::optional<std::uint32_t> pop() {
    if (count_ == 0) return std::nullopt;
    const std::uint32_t slot = ring_[first_];
    if (++first_ == ring_.size()) first_ = 0;
    --count_;
    inside_[slot] = 0;
    return slot;
  }

 private:
  std::vector<std::uint32_t> ring_;
  std::vector<char> inside_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace dyno::loadgen
