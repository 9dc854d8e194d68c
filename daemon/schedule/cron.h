// A cron line of five fields (minute, hour, day of month, month, day of week) as sets of numbers. Knows neither zones nor
// instants. Numbers, names (jan, mon), ranges, steps, lists, L (last day of the month), H (a value fixed by the schedule's
// name, to spread load; H(a-b) and H/n too), @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually.
// Pure, thread-safe.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace dyno::schedule {

struct CronExpression {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;              // of the month, 1 first
  std::bitset<13> months;            // 1 first
  std::bitset<7> weekdays;           // Sunday is 0
  bool last_day = false;             // L among the days of the month
  bool days_restricted = false;      // does not begin with *
  bool weekdays_restricted = false;  // both restricted: either one matches; otherwise both must
  // The hour begins with *: every elapsed minute is matched by its local time. Otherwise the times of day are fixed, and each
  // happens once a day whatever the clocks do.
  bool interval = false;

  bool matches_day(std::chrono::year_month_day day) const;
  bool operator==(const CronExpression&) const = default;
};

// A number that a name always has: spread evenly, whatever range it is reduced to. FNV-1a.
std::uint64_t hash_of(std::string_view name, std::string_view salt = {});

// `name` feeds H. The error names the field and what would be right; a line that no day matches is one, too.
Result<CronExpression> parse_cron(std::string_view text, std::string_view name);

}  // namespace dyno::schedule
