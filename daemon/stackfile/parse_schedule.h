// The text of a schedule → a Schedule, or every problem in it. Whether its stacks and its profile exist is the catalog's
// question; what its cron line and its zone mean is module schedule's. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "model/schedule.h"
#include "stackfile/parsed.h"

namespace dyno::stackfile {

// `file` names the text in problems; the schedule's name must equal it ("schedules/nightly.yaml": nightly).
Parsed<model::Schedule> parse_schedule(std::string_view text, const std::string& file);

}  // namespace dyno::stackfile
