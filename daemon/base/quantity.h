// Quantities as people read them: a number with the unit that fits it. `dyno`, the daemon's messages and the dashboard follow the
// same rules (tests/data/wording.json). Never for machines. Pure functions, thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.h"

namespace dyno {

// Three significant digits: "21 800/s", "10.4 ms", "39.3 MiB", "33 %"; from a minute on "6 min 50 s". `unit` as the API writes it:
// 1/s, ns, B, %, 1 or count.
std::string format_value(double value, std::string_view unit);
// "21 600–22 000", in the unit of the value that the two belong to.
std::string format_spread(double low, double high, double value, std::string_view unit);
// 0.0012 is "0.12 %".
std::string format_percent(double ratio);
std::string format_duration(Nanos duration);
std::string format_bytes(Bytes bytes);

// Time that people wait, in whole seconds: "45 s", "6 min 50 s", "1 h 5 min". Nobody waits less than "0 s".
std::string format_span(Nanos duration);

// "28 Nov 2026, 11:35", so far ahead of UTC.
std::string format_stamp(WallTime instant, std::chrono::seconds ahead_of_utc);

// Digits in groups of three from five digits on: "10 000".
std::string format_count(std::int64_t count);

}  // namespace dyno
