// An IANA time zone of the system's tzdata: its spans of constant offset, and what a local time means in it. Only this
// header and its source know the date library. Values; thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace date {
class time_zone;
}

namespace dyno::schedule {

// All instants of [begin, end) have one offset from UTC.
struct OffsetSpan {
  std::chrono::sys_seconds begin;
  std::chrono::sys_seconds end;
  std::chrono::seconds offset;
};

enum class LocalKind { unique, gap, fold };

// What a local time means: the instant at which a fixed time of day fires.
struct LocalMeaning {
  LocalKind kind = LocalKind::unique;
  std::chrono::sys_seconds instant;  // gap: the first valid instant after it; fold: the first of the two
};

class TimeZone {
 public:
  // `not_found` names the zone; tzdata may be absent from the machine.
  static Result<TimeZone> find(std::string_view name);

  OffsetSpan span_at(std::chrono::sys_seconds instant) const;
  LocalMeaning meaning_of(std::chrono::local_seconds local) const;
  const std::string& name() const { return name_; }

 private:
  TimeZone(std::string name, const date::time_zone* zone) : name_(std::move(name)), zone_(zone) {}

  std::string name_;
  const date::time_zone* zone_;  // lives as long as the program
};

}  // namespace dyno::schedule
