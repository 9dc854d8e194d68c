#include <array>
#include <chrono>

#include "model/schedule.h"
#include "schedule/cron.h"
#include "schedule/time_zone.h"
#include "stackfile/files.h"
#include "stackfile/read_yaml.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

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
    required("profile", text(kName, 40), "how they are requested"),
    required("cron", text(kCron, 200), "minute hour day-of-month month day-of-week, or @daily and the like"),
    required("time_zone", text(kTimeZone, 64), "IANA name, such as Europe/Berlin"),
    optional("budget", duration(1min, 168h), "no block starts that would end after it"),
    optional("missed", choice(names_of<model::MissedPolicy>()),
             "what happens to a due time that was missed while the daemon was down"),
    optional("overlap", choice(names_of<model::OverlapPolicy>()), "what happens if its previous run is unfinished"),
    optional("enabled", boolean(), "false: due times are recorded as skipped"),
};
constexpr Table kScheduleTable{kScheduleKeys};

// What the scheduler will make of it.
void check_due_times(const Node& root, const model::Schedule& schedule, ProblemList& problems) {
  if (const auto cron = schedule::parse_cron(schedule.cron, schedule.name); !cron)
    problems.add(find(root, "cron")->mark, "/cron", "bad_cron", "cron: " + cron.error().message);
  if (const auto zone = schedule::TimeZone::find(schedule.time_zone); !zone)
    problems.add(find(root, "time_zone")->mark, "/time_zone", "unknown_time_zone",
                 "time_zone: " + zone.error().message);
}

}  // namespace

constinit const Shape kScheduleShape = map_of(kScheduleTable);

Parsed<model::Schedule> parse_schedule(std::string_view text, const std::string& file) {
  YamlDocument document = read_yaml(text, file);
  ProblemList problems(file);
  problems.add_all(std::move(document.problems));
  if (!document.root) return {std::nullopt, problems.take()};
  const Node& root = *document.root;
  check_shape(root, kScheduleShape, "", problems);
  check_schema_first(root, problems);
  check_name_is_stem(root, file, problems);
  if (!problems.empty()) return {std::nullopt, problems.take()};
  model::Schedule schedule;
  schedule.name = text_at(root, "name");
  schedule.stacks = texts_at(root, "stacks");
  schedule.profile = text_at(root, "profile");
  schedule.cron = text_at(root, "cron");
  schedule.time_zone = text_at(root, "time_zone");
  schedule.budget = duration_at(root, "budget", schedule.budget);
  schedule.missed = choice_at(root, "missed", schedule.missed);
  schedule.overlap = choice_at(root, "overlap", schedule.overlap);
  schedule.enabled = boolean_at(root, "enabled", schedule.enabled);
  check_due_times(root, schedule, problems);
  if (!problems.empty()) return {std::nullopt, problems.take()};
  return {std::move(schedule), {}};
}

}  // namespace dyno::stackfile
