// A due time of a schedule and what became of it: a fire that started a run, or a skip with its reason. Values only.
#pragma once

#include <optional>
#include <string>

#include "base/units.h"
#include "model/enum_text.h"
#include "model/run_state.h"

namespace dyno::model {

enum class SkipReason {
  daemon_down,
  overlap,
  deadline,
  paused,
  invalid,
  queue_full,  // so far: as long as the start deadline allows, it may yet become a fire
  quiet_hours,
  unchanged,
  clock_jump,
  disk_low  // so far, as with queue_full
};
template <>
struct EnumNames<SkipReason> {
  static constexpr std::array<std::string_view, 10> names{"daemon_down", "overlap",    "deadline",    "paused",
                                                          "invalid",     "queue_full", "quiet_hours", "unchanged",
                                                          "clock_jump",  "disk_low"};
};

// Said at once of a due time that is tried again until its start deadline.
inline bool is_so_far(SkipReason reason) { return reason == SkipReason::queue_full || reason == SkipReason::disk_low; }

struct Fire {
  std::string schedule;
  WallTime nominal_at;  // unique together with the schedule
  WallTime recorded_at;
  std::string run_id;  // empty for a skip
  std::optional<SkipReason> skipped;
  std::string reason;               // words
  int folded = 1;                   // how many due times this row stands for (skips of a long absence)
  std::optional<RunState> state{};  // of its run, as it was read; not written
};

// What the fires and skips of a schedule on record say about its next ones.
struct FiresOnRecord {
  std::optional<WallTime> last;   // the latest due time that has come
  bool last_waits = false;        // it met a full queue or disk, and is tried again
  std::optional<WallTime> ahead;  // the latest due time that has not come yet: the clock was ahead when it was settled
};

}  // namespace dyno::model
