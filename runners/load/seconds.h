// The per-second figures of one worker, handed to the reporting thread without a lock: the worker fills one slot of a ring and
// publishes it when its second is over; the reporter reads and clears published slots. When the reporter falls behind, the
// worker goes on in the same slot, so that nothing is lost but resolution. One writer, one reader.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "stats/histogram.h"

namespace dyno::loadgen {

struct Second {
  bool warming_up = true;
  std::int32_t number = 0;  // since the warm-up or the window began
  std::int64_t good = 0;
  std::int64_t errors = 0;
  std::int64_t length_ns = 0;
  std::int64_t busy_ns = 0;  // CPU time without deliberate spinning
  stats::Histogram times;    // latency (open loop) or service time (closed loop)
};

class SecondRing {
 public:
  // The worker's side.
  Second& current() { return slots_[written_.load(std::memory_order_relaxed) % kSlots]; }
  bool has_room() const {
    return written_.load(std::memory_order_relaxed) + 1 - read_.load(std::memory_order_acquire) < kSlots;
  }
  void publish() { written_.store(written_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  // The reporter's side: the oldest published second, or null; release() gives its slot back.
  Second* oldest() {
    const std::uint32_t at = read_.load(std::memory_order_relaxed);
    return at == written_.load(std::memory_order_acquire) ? nullptr : &slots_[at % kSlots];
  }
  void release() {
    Second& slot = *oldest();
    slot.times.clear();
    slot.good = slot.errors = slot.length_ns = slot.busy_ns = 0;
    read_.store(read_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

 private:
  static constexpr std::uint32_t kSlots = 4;
  std::array<Second, kSlots> slots_;
  std::atomic<std::uint32_t> written_{0};
  std::atomic<std::uint32_t> read_{0};
};

}  // namespace dyno::loadgen
