// The rule at the end of a zone file: how the clocks go on changing after the last change that the file lists. Also what an offset from
// UTC and a local time mean. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

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

// One of the two changes of a year: a day such as the last Sunday of March, and a time on the clock as it was before the change, which
// may lie outside of the day.
struct ClockChange {
  std::chrono::month month{};
  unsigned week = 1;  // 5: the last
  std::chrono::weekday weekday{};
  std::chrono::seconds time{};

  std::chrono::local_seconds in(std::chrono::year year) const;
};

struct ZoneRule {
  std::chrono::seconds standard{};  // offsets from UTC
  std::chrono::seconds summer{};
  ClockChange to_summer;
  ClockChange to_standard;

  // From the text of the file's last line, "CET-1CEST,M3.5.0,M10.5.0/3". Nothing where the clocks do not change, and for the forms by
  // the day of the year, which no zone of today has.
  static std::optional<ZoneRule> parse(std::string_view text);

  OffsetSpan span_at(std::chrono::sys_seconds instant) const;
  LocalMeaning meaning_of(std::chrono::local_seconds local) const;
};

}  // namespace dyno::schedule
