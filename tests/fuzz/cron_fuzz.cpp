// Any text as a cron line: an error with a message, or fields that name at least one minute, hour, month and day.
#include <cstdint>
#include <cstdlib>

#include "schedule/cron.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto cron = dyno::schedule::parse_cron(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!cron) {
    if (cron.error().message.empty()) std::abort();
    return 0;
  }
  const bool has_day = cron->days.any() || cron->last_day;
  if (cron->minutes.none() || cron->hours.none() || cron->months.none() || cron->weekdays.none() || !has_day)
    std::abort();
  if (cron->days[0] || cron->months[0]) std::abort();
  return 0;
}
