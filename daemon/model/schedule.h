// A schedule: when which stacks run under which profile. Values only; read by `stackfile`, evaluated by `schedule`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"

namespace dyno::model {

// Files say latest and none, too.
enum class MissedPolicy { run_once, skip, all };
template <>
struct EnumNames<MissedPolicy> {
  static constexpr std::array<std::string_view, 3> names{"run_once", "skip", "all"};
};

enum class OverlapPolicy { skip, queue, replace };
template <>
struct EnumNames<OverlapPolicy> {
  static constexpr std::array<std::string_view, 3> names{"skip", "queue", "replace"};
};

// Times of day in the schedule's zone; [begin, end), and over midnight where it ends before it begins.
struct DailyHours {
  std::chrono::minutes begin{};
  std::chrono::minutes end{};
  bool operator==(const DailyHours&) const = default;
};

struct Schedule {
  std::string name;
  std::vector<std::string> stacks;  // names or globs over names
  std::string profile;
  std::string cron;       // five fields, minute first, or @daily …
  std::string time_zone;  // IANA
  Nanos budget = std::chrono::hours(6);
  MissedPolicy missed = MissedPolicy::run_once;
  Nanos missed_within = std::chrono::hours(6);  // later than this a missed due time stays missed
  OverlapPolicy overlap = OverlapPolicy::skip;
  Nanos start_deadline = std::chrono::hours(6);  // what has waited longer for its start does not start
  Nanos jitter{};                                // starts up to so much later, always by the same
  std::optional<DailyHours> quiet_hours{};       // nothing starts in them
  std::optional<Nanos> expect_every{};           // no completed run for so long is reported
  std::optional<Nanos> only_if_changed{};  // what was measured less than so long ago is not measured again unchanged
  bool enabled = true;
};

}  // namespace dyno::model
