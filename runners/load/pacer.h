// When the requests of an open loop are due. Pure arithmetic on nanoseconds: a late caller does not move the next due time, so
// a stall of the server delays nothing but the answers. With several workers each takes every n-th request.
#pragma once

#include <cmath>
#include <cstdint>

#include "runners/load/load_spec.h"
#include "runners/load/random.h"

namespace dyno::loadgen {

class Pacer {
 public:
  Pacer(std::int64_t start_ns, double rate_per_s, Arrivals arrivals, int worker, int workers, std::uint64_t seed)
      : start_ns_(start_ns),
        arrivals_(arrivals),
        worker_(worker),
        workers_(workers),
        interval_ns_(1e9 / rate_per_s),
        random_(seed) {
    if (arrivals_ == Arrivals::poisson) offset_ns_ = gap();
    due_ns_ = at();
  }

  std::int64_t due_ns() const { return due_ns_; }

  void advance() {
    ++index_;
    if (arrivals_ == Arrivals::poisson) offset_ns_ += gap();
    due_ns_ = at();
  }

 private:
  double gap() { return random_.exponential() * interval_ns_ * workers_; }

  // Multiplied, not summed up: even after 10^9 requests a double is exact to a fraction of a nanosecond.
  std::int64_t at() const {
    const double even = (static_cast<double>(index_) * workers_ + worker_) * interval_ns_;
    return start_ns_ + static_cast<std::int64_t>(std::llround(arrivals_ == Arrivals::even ? even : offset_ns_));
  }

  std::int64_t start_ns_;
  Arrivals arrivals_;
  int worker_;
  int workers_;
  double interval_ns_;
  Random random_;
  double offset_ns_ = 0;
  std::int64_t index_ = 0;
  std::int64_t due_ns_ = 0;
};

}  // namespace dyno::loadgen
