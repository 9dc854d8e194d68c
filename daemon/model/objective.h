// What a service has to reach, as its owner says it in a sentence: "p99 of list-orders at 200/s < 20 ms". Values only; read by `stackfile`,
// judged by `results`.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/enum_text.h"
#include "model/metric.h"

namespace dyno::model {

// Which of a workload's phases it is about. none: of the trial as a whole. capacity: the closed loop. rate: an open loop at so many requests
// per second. share: an open loop at this share of the capacity.
enum class ObjectiveLoad { none, capacity, rate, share };
template <>
struct EnumNames<ObjectiveLoad> {
  static constexpr std::array<std::string_view, 4> names{"none", "capacity", "rate", "share"};
};

struct Objective {
  std::string text;  // as the file says it
  MetricName metric = MetricName::latency_p99_ns;
  std::string workload{};  // empty: of the trial
  ObjectiveLoad load = ObjectiveLoad::none;
  double at = 0;           // rate: per second; share: 0 … 2
  bool is_ceiling = true;  // the value has to stay below the limit, otherwise above it
  double limit = 0;        // in the metric's unit
  std::string file{};      // where it stands
  int line = 0;
};

}  // namespace dyno::model
