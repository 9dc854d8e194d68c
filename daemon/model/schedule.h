// A schedule: when which stacks run under which profile. Values only; read by `stackfile`, evaluated by `schedule`.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"

namespace dyno::model {

enum class MissedPolicy { run_once, skip };
template <>
struct EnumNames<MissedPolicy> {
  static constexpr std::array<std::string_view, 2> names{"run_once", "skip"};
};

enum class OverlapPolicy { skip, queue };
template <>
struct EnumNames<OverlapPolicy> {
  static constexpr std::array<std::string_view, 2> names{"skip", "queue"};
};

struct Schedule {
  std::string name;
  std::vector<std::string> stacks;  // names or globs over names
  std::string profile;
  std::string cron;       // five fields, minute first, or @daily …
  std::string time_zone;  // IANA
  Nanos budget = std::chrono::hours(6);
  MissedPolicy missed = MissedPolicy::run_once;
  OverlapPolicy overlap = OverlapPolicy::skip;
  bool enabled = true;
};

}  // namespace dyno::model
