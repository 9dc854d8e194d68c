// Readings while they are being made: each metric once, in the order of the metrics at the end. A value that is no finite number
// is none. One thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/units.h"
#include "model/reading.h"

namespace dyno::run {

class ReadingList {
 public:
  void put(model::MetricName metric, double value) {
    if (!std::isfinite(value)) return put_absent(metric, "not a finite number");
    add(metric).value = value;
  }
  void put(model::MetricName metric, Nanos duration) { put(metric, static_cast<double>(duration.count())); }
  void put(model::MetricName metric, Bytes bytes) { put(metric, static_cast<double>(bytes.value)); }
  void put_absent(model::MetricName metric, std::string why) { add(metric).absent = std::move(why); }

  // The value where it was read, otherwise why it was not.
  template <class T>
  void put_or(model::MetricName metric, const std::optional<T>& value, const std::string& why) {
    if (value) put(metric, *value);
    else put_absent(metric, why);
  }

  std::vector<model::Reading> take() && {
    std::sort(readings_.begin(), readings_.end(),
              [](const model::Reading& a, const model::Reading& b) { return a.metric < b.metric; });
    return std::move(readings_);
  }

 private:
  model::Reading& add(model::MetricName metric) {
    CHECK(model::find_reading(readings_, metric) == nullptr, "a metric is read once");
    model::Reading& reading = readings_.emplace_back();
    reading.metric = metric;
    return reading;
  }

  std::vector<model::Reading> readings_;
};

}  // namespace dyno::run
