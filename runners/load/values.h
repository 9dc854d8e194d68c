// Values as people write them on the command line and in files: times, counts, rates, sizes, lists. Nothing where the text is none of
// them; a range is looked at by those who know it. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "runners/load/options.h"
#include "runners/load/rate_curve.h"
#include "runners/load/rules/answer_rule.h"

namespace dyno::loadgen {

// 5 is seconds, as all such tools have it; 1m30s, 1.5s, 500us. Units: ns us µs ms s m min h d, the larger ones first.
std::optional<Nanos> read_time(std::string_view text);
// 1000, 1e6.
std::optional<std::int64_t> read_integer(std::string_view text);
// 0.5, 100, 1e4.
std::optional<double> read_number(std::string_view text);
// 512, 512B, 64KiB, 1MiB.
std::optional<std::int64_t> read_size(std::string_view text);
// 0,2,3. No CPU twice.
std::optional<std::vector<int>> read_cpus(std::string_view text);
// 200, 2xx, 200..204, or several with commas between; from 100 to 999.
std::optional<std::vector<StatusRange>> read_statuses(std::string_view text);
// 0s:1000,10s:5000: requests per second at moments of the window, in order of time; one of them is above 0.
std::optional<std::vector<RatePoint>> read_curve(std::string_view text);

// What a value must be, where `text` is not that: "a whole number from 1 to 65000".
std::optional<std::string> wanted_instead(const Takes& takes, std::string_view text);
// The same for any value.
std::string wanted(const Takes& takes);

}  // namespace dyno::loadgen
