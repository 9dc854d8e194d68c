#include "runners/load/body_check.h"

#include <algorithm>
#include <cmath>

namespace dyno::loadgen {

BodyCheck::BodyCheck(double sample_ratio, std::int64_t least)
    : every_(sample_ratio <= 0 ? 0 : std::llround(std::max(1.0, 1 / sample_ratio))), least_(least) {
  captured_.reserve(kCaptured);
}

bool BodyCheck::take(std::uint32_t owner, const Expectation& expectation) {
  const bool is_its_turn = ++answers_ % every_ == 0 || taken_ < least_;
  if (!is_its_turn) return false;
  ++taken_;
  owner_ = owner;
  expectation_ = &expectation;
  fitting_ = ~std::uint64_t{0};
  offset_ = 0;
  captured_.clear();
  return true;
}

void BodyCheck::piece(std::string_view bytes) {
  captured_.append(bytes.substr(0, kCaptured - captured_.size()));
  for (std::size_t i = 0; i < expectation_->bodies.size(); ++i) {
    const std::string_view body = expectation_->bodies[i];
    const bool fits = offset_ <= body.size() && body.substr(offset_, bytes.size()) == bytes;
    if (!fits) fitting_ &= ~(std::uint64_t{1} << i);
  }
  offset_ += bytes.size();
}

bool BodyCheck::end() {
  owner_ = kNobody;
  for (std::size_t i = 0; i < expectation_->bodies.size(); ++i) {
    if ((fitting_ >> i & 1) != 0 && expectation_->bodies[i].size() == offset_) return true;
  }
  return false;
}

void BodyCheck::restart() {
  answers_ = 0;
  taken_ = 0;
}

}  // namespace dyno::loadgen
