// When the requests of an open loop are due. Pure arithmetic on nanoseconds: a late caller does not move the next due time, so
// a stall of the server delays nothing but the answers. With several workers each takes every n-th request.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "runners/load/clock.h"
#include "runners/load/load_spec.h"
#include "runners/load/rate_curve.h"

namespace dyno::loadgen {

class Pacer {
 public:
  // `curve` begins at `start_ns` and outlives the pacer. `seed` differs between workers.
  Pacer(std::int64_t start_ns, const RateCurve& curve, Arrivals arrivals, int worker, int workers, std::uint64_t seed)
      : start_ns_(start_ns), curve_(&curve), arrivals_(arrivals), worker_(worker), workers_(workers), random_(seed) {
    if (arrivals_ == Arrivals::poisson) drawn_ = gap();
    due_ns_ = at();
  }

  std::int64_t due_ns() const { return due_ns_; }

  void advance() {
    ++index_;
    if (arrivals_ == Arrivals::poisson) drawn_ += gap();
    due_ns_ = at();
  }

 private:
  // In requests of the whole phase: a Poisson process of rate 1, stretched by the curve like the even one, has the curve's rate.
  double gap() { return random_.exponential() * workers_; }

  // Multiplied, not summed up: even after 10^9 requests a double is exact to a fraction of a nanosecond.
  std::int64_t at() {
    const double count = arrivals_ == Arrivals::even ? static_cast<double>(index_) * workers_ + worker_ : drawn_;
    const double offset = curve_->time_of(count, hint_);
    return offset < 9e18 ? start_ns_ + static_cast<std::int64_t>(std::llround(offset)) : kNever;
  }

  std::int64_t start_ns_;
  const RateCurve* curve_;
  Arrivals arrivals_;
  int worker_;
  int workers_;
  Random random_;
  double drawn_ = 0;
  std::int64_t index_ = 0;
  std::size_t hint_ = 0;
  std::int64_t due_ns_ = 0;
};

}  // namespace dyno::loadgen
