// Compares sampled bodies with the accepted ones, byte for byte, while they stream by: one body at a time, so that a worker needs
// one state and no buffer a connection. Every n-th answer is taken, and more at first until `least` were. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runners/load/request_set.h"

namespace dyno::loadgen {

class BodyCheck {
 public:
  BodyCheck(double sample_ratio, std::int64_t least);

  // A new answer's headers are here: whether its body is to be compared. From then on until end() or abandon() it is the one.
  bool begin(std::uint32_t owner, const Expectation& expectation) {
    return every_ != 0 && owner_ == kNobody && !expectation.bodies.empty() && take(owner, expectation);
  }
  bool is_running_for(std::uint32_t owner) const { return owner_ == static_cast<std::int64_t>(owner); }
  void piece(std::string_view bytes);
  // Whether the body, now complete, is one of the accepted ones.
  bool end();
  void abandon() { owner_ = kNobody; }

  // The measured window opens: the count towards `least` starts again.
  void restart();
  // The first bytes of the body compared last, for the message about a wrong one.
  const std::string& captured() const { return captured_; }

 private:
  static constexpr std::int64_t kNobody = -1;
  static constexpr std::size_t kCaptured = 512;

  bool take(std::uint32_t owner, const Expectation& expectation);

  const std::int64_t every_;  // 0: none
  const std::int64_t least_;
  std::int64_t answers_ = 0;
  std::int64_t taken_ = 0;
  std::int64_t owner_ = kNobody;
  const Expectation* expectation_ = nullptr;
  std::uint64_t fitting_ = 0;  // bit i: accepted body i fits so far
  std::size_t offset_ = 0;
  std::string captured_;
};

}  // namespace dyno::loadgen
