// Connections in the order in which they were last sent to: a list through an array, so that each step takes the same few
// nanoseconds however many there are. Owned by one thread; allocates only when made.
#pragma once

#include <cstdint>
#include <vector>

#include "runners/load/transport/transport.h"

namespace dyno::loadgen {

class SendOrder {
 public:
  explicit SendOrder(std::size_t slots) : links_(slots + 1), end_(static_cast<Slot>(slots)) {
    links_[end_] = {end_, end_};
  }

  bool empty() const { return links_[end_].after == end_; }
  // Of one that is not empty.
  Slot oldest() const { return links_[end_].after; }
  bool contains(Slot slot) const { return links_[slot].after != kNone; }

  // Becomes the youngest, wherever it was.
  void push(Slot slot) {
    remove(slot);
    const Slot youngest = links_[end_].before;
    links_[slot] = {youngest, end_};
    links_[youngest].after = slot;
    links_[end_].before = slot;
  }
  // Does nothing to one that is not in it.
  void remove(Slot slot) {
    const Link link = links_[slot];
    if (link.after == kNone) return;
    links_[link.before].after = link.after;
    links_[link.after].before = link.before;
    links_[slot] = {};
  }

 private:
  static constexpr Slot kNone = UINT32_MAX;
  struct Link {
    Slot before = kNone;
    Slot after = kNone;
  };

  std::vector<Link> links_;  // the last one closes the ring
  Slot end_;
};

}  // namespace dyno::loadgen
