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

constexpr std::array<std::string_view, 1> kScheduleSchema{"schedule/1"};
constexpr Shape kStackGlob = text(kNameGlob, 40);

constexpr std::array<std::string_view, 5> kMissed{"none", "latest", "all", "skip", "run_once"};

constexpr std::array kScheduleKeys{
    required("schema", choice(kScheduleSchema), "format of this file; first key"),
    required("name", text(kName, 40), "equals the file"),
    required("stacks", set_of(kStackGlob, 1, 100), "names, or patterns with *"),
    required("profile", text(kName, 40), "how they are requested"),
    required("cron", text(kCron, 200), "minute hour day-of-month month day-of-week, or @daily and the like"),
    required("time_zone", text(kTimeZone, 64), "IANA name, such as Europe/Berlin"),
    optional("budget", duration(1min, 168h), "no block starts that would end after it; the run then ends timed_out"),
    optional("missed", choice(kMissed),
             "which due times are made up for that were missed while the daemon was down: none, the latest, or all up "
             "to ten (older words: skip, run_once)"),
    optional("missed_within", duration(1min, 168h), "how late they may be"),
    optional("overlap", choice(names_of<model::OverlapPolicy>()),
             "if its previous run is unfinished: skip the due time, queue one behind it, or replace it"),
    optional("start_deadline", duration(1min, 168h), "what has waited for its start longer than this is skipped"),
    optional("jitter", duration(0s, 6h), "up to so much later, always by the same for one schedule"),
    optional("quiet_hours", text(kDailyHours, 11), "local times between which nothing is started"),
    optional("expect_every", duration(1min, 8784h), "no completed run for so long is reported"),
    optional("only_if_changed", duration(1min, 8784h),
             "skipped if its last run measured the same stacks and profile less than so long ago"),
    optional("enabled", boolean(), "false: due times are recorded as skipped"),
};
constexpr Table kScheduleTable{kScheduleKeys};

model::MissedPolicy missed_at(const Node& root, model::MissedPolicy fallback) {
  const std::string word = text_at(root, "missed");
  if (word == "none" || word == "skip") return model::MissedPolicy::skip;
  if (word == "latest" || word == "run_once") return model::MissedPolicy::run_once;
  if (word == "all") return model::MissedPolicy::all;
  return fallback;
}

// "08:00", of which the shape has been checked.
std::chrono::minutes time_of_day(std::string_view text) {
  const auto number = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  return std::chrono::hours(number(0)) + std::chrono::minutes(number(3));
}

void read_policies(const Node& root, model::Schedule& schedule) {
  schedule.budget = duration_at(root, "budget", schedule.budget);
  schedule.missed = missed_at(root, schedule.missed);
  schedule.missed_within = duration_at(root, "missed_within", schedule.missed_within);
  schedule.overlap = choice_at(root, "overlap", schedule.overlap);
  schedule.start_deadline = duration_at(root, "start_deadline", schedule.start_deadline);
  schedule.jitter = duration_at(root, "jitter", schedule.jitter);
  if (const std::string hours = text_at(root, "quiet_hours"); !hours.empty())
    schedule.quiet_hours = {time_of_day(hours), time_of_day(std::string_view(hours).substr(6))};
  if (find(root, "expect_every") != nullptr) schedule.expect_every = duration_at(root, "expect_every", {});
  if (find(root, "only_if_changed") != nullptr) schedule.only_if_changed = duration_at(root, "only_if_changed", {});
  schedule.enabled = boolean_at(root, "enabled", schedule.enabled);
}

// What the scheduler will make of it.
void check_due_times(const Node& root, const model::Schedule& schedule, ProblemList& problems) {
  if (const auto cron = schedule::parse_cron(schedule.cron, schedule.name); !cron)
    problems.add(find(root, "cron")->mark, "/cron", "bad_cron", "cron: " + cron.error().message);
  if (const auto zone = schedule::TimeZone::find(schedule.time_zone); !zone)
    problems.add(find(root, "time_zone")->mark, "/time_zone", "unknown_time_zone",
                 "time_zone: " + zone.error().message);
  if (schedule.quiet_hours && schedule.quiet_hours->begin == schedule.quiet_hours->end)
    problems.add(find(root, "quiet_hours")->mark, "/quiet_hours", "empty_hours",
                 "quiet_hours begin when they end; leave the key out for none, and use enabled: false for all");
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
  read_policies(root, schedule);
  check_due_times(root, schedule, problems);
  if (!problems.empty()) return {std::nullopt, problems.take()};
  return {std::move(schedule), {}};
}

}  // namespace dyno::stackfile
