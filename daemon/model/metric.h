// The metrics: name, unit, which direction is better. One row a metric; measurements and summaries refer to it by name.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/enum_text.h"

namespace dyno::model {

enum class Better { higher, lower, neither };
template <>
struct EnumNames<Better> {
  static constexpr std::array<std::string_view, 3> names{"higher", "lower", "neither"};
};

// What a metric belongs to.
enum class MetricScope { phase, trial };

struct Metric {
  std::string_view name;   // unit last: throughput_per_s
  std::string_view unit;   // "1/s", "ns", "B", "1"
  std::string_view title;  // for people
  Better better;
  MetricScope scope;
};

std::span<const Metric> metrics();
std::optional<Metric> find_metric(std::string_view name);

}  // namespace dyno::model
