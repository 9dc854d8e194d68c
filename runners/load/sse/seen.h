// Which messages of one publisher a subscriber has had: the newest and the 64 before it, as IPsec does it (RFC 4303, 3.4.3). Messages
// may overtake each other by less than that; an older one cannot be judged and counts as doubled. Values; one thread.
#pragma once

#include <cstdint>

namespace dyno::loadgen {

class Seen {
 public:
  // Whether `number` (from 1) is new.
  bool take(std::uint32_t number) {
    if (number > newest_) {
      const std::uint32_t ahead = number - newest_;
      bits_ = ahead < 64 ? bits_ << ahead | 1 : 1;
      newest_ = number;
      return true;
    }
    const std::uint32_t behind = newest_ - number;
    if (behind >= 64 || (bits_ >> behind & 1) != 0) return false;
    bits_ |= std::uint64_t{1} << behind;
    return true;
  }

 private:
  std::uint64_t bits_ = 0;
  std::uint32_t newest_ = 0;
};

}  // namespace dyno::loadgen
