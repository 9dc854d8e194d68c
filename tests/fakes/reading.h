// Readings for tests, in a line each.
#pragma once

#include <string>
#include <utility>

#include "model/reading.h"

namespace dyno::fakes {

inline model::Reading reading(model::MetricName metric, double value, model::Validity validity = model::Validity::valid,
                              model::Bound bound = model::Bound::none) {
  model::Reading r;
  r.metric = metric;
  r.value = value;
  r.validity = validity;
  r.bound = bound;
  return r;
}

inline model::Reading absent(model::MetricName metric, std::string why) {
  model::Reading r;
  r.metric = metric;
  r.absent = std::move(why);
  return r;
}

}  // namespace dyno::fakes
