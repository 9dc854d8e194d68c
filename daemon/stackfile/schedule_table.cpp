#include "stackfile/schedule_table.h"

#include <array>
#include <chrono>

#include "model/schedule.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;
using model::names_of;

constexpr std::array<std::string_view, 1> kSchema{"schedule/1"};
constexpr Shape kStackGlob = text(kNameGlob, 40);

constexpr std::array kScheduleKeys{
    required("schema", choice(kSchema), "format of this file; first key"),
    required("name", text(kName, 40), "equals the file"),
    required("stacks", set_of(kStackGlob, 1, 100), "names, or patterns with *"),
    required("profile", text(kName, 40), "how they are asked"),
    required("cron", text(kCron, 200), "minute hour day-of-month month day-of-week, or @daily and the like"),
    required("time_zone", text(kTimeZone, 64), "IANA name, such as Europe/Berlin"),
    optional("budget", duration(1min, 168h), "no block starts that would end after it"),
    optional("missed", choice(names_of<model::MissedPolicy>()),
             "what happens to a time that passed while the daemon was down"),
    optional("overlap", choice(names_of<model::OverlapPolicy>()),
             "what happens while its own run before is unfinished"),
    optional("enabled", boolean(), "false: due times are recorded as skipped"),
};
constexpr Table kScheduleTable{kScheduleKeys};

}  // namespace

constinit const Shape kScheduleShape = map_of(kScheduleTable);

}  // namespace dyno::stackfile
