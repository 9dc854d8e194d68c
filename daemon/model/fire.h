// A due time of a schedule and what became of it: a fire that started a run, or a skip with its reason. Values only.
#pragma once

#include <optional>
#include <string>

#include "base/units.h"
#include "model/enum_text.h"

namespace dyno::model {

enum class SkipReason { daemon_down, overlap, deadline, paused, invalid };
template <>
struct EnumNames<SkipReason> {
  static constexpr std::array<std::string_view, 5> names{"daemon_down", "overlap", "deadline", "paused", "invalid"};
};

struct Fire {
  std::string schedule;
  WallTime nominal_at;  // unique together with the schedule
  WallTime recorded_at;
  std::string run_id;  // empty for a skip
  std::optional<SkipReason> skipped;
  std::string reason;  // words
  int folded = 1;      // how many due times this row stands for (skips of a long absence)
};

}  // namespace dyno::model
