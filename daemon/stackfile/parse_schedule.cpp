#include "stackfile/parse_schedule.h"

#include "stackfile/check_root.h"
#include "stackfile/check_shape.h"
#include "stackfile/read_value.h"
#include "stackfile/read_yaml.h"
#include "stackfile/schedule_table.h"

namespace dyno::stackfile {

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
  return {std::move(schedule), {}};
}

}  // namespace dyno::stackfile
