// An IANA time zone of the system's tzdata: its spans of constant offset, and what a local time means in it. Its tables end in 2037;
// from then on the rule at the end of its file counts. Only this header and its source know the date library. Values; thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "schedule/zone_rule.h"

namespace date {
class time_zone;
}

namespace dyno::schedule {

class TimeZone {
 public:
  // `not_found` names the zone; tzdata may be absent from the machine.
  static Result<TimeZone> find(std::string_view name);

  OffsetSpan span_at(std::chrono::sys_seconds instant) const;
  LocalMeaning meaning_of(std::chrono::local_seconds local) const;
  const std::string& name() const { return name_; }

 private:
  TimeZone(std::string name, const date::time_zone* zone, std::optional<ZoneRule> rule)
      : name_(std::move(name)), zone_(zone), rule_(rule) {}

  std::string name_;
  const date::time_zone* zone_;   // lives as long as the program
  std::optional<ZoneRule> rule_;  // beyond the last change that zone_ lists; none: there is no further one
};

}  // namespace dyno::schedule
