#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/tables.h"
#include "api/wire.h"
#include "schedule/due_times.h"

namespace dyno::api {
namespace {

Result<model::Schedule> find_schedule(const ApiContext& context, const std::string& name) {
  const auto catalog = context.catalog.current();
  const auto found = std::find_if(catalog->schedules.begin(), catalog->schedules.end(),
                                  [&](const model::Schedule& s) { return s.name == name; });
  if (found == catalog->schedules.end()) return fail(ErrorCode::not_found, "there is no schedule with that name");
  return *found;
}

// A schedule whose next due time cannot be told (never comes, zone unknown) is shown without one.
wire::ScheduleView view_of(const ApiContext& context, const model::Schedule& schedule) {
  wire::ScheduleView view{schedule, std::nullopt};
  if (!schedule.enabled) return view;
  if (const auto due = schedule::next_due_times(schedule, context.clock.wall_now(), 1); due && !due->empty())
    view.next = due->front();
  return view;
}

}  // namespace

Response list_schedules(const ApiContext& context, const Request& request, const PathValues&) {
  const auto catalog = context.catalog.current();
  std::vector<wire::ScheduleView> views;
  for (const model::Schedule& schedule : catalog->schedules) views.push_back(view_of(context, schedule));
  return rows_answer(
      request, [&] { return wire::schedules(views, *catalog); }, [&] { return tables::schedules(std::move(views)); });
}

Response show_schedule(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto catalog = context.catalog.current();
  if (const FaultyFile* const file = catalog->find_faulty("schedule", path.at(0)))
    return problem_answer(problem_of(file->problems, file->problems.front().file), request.id);
  const auto schedule = find_schedule(context, path.at(0));
  if (!schedule) return problem_answer(schedule.error(), request);
  return json_answer(wire::schedule(view_of(context, *schedule)));
}

Response list_due_times(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto count = int_parameter(request, "n", {1, 100, 10});
  if (!count) return problem_answer(count.error(), request.id);
  const auto schedule = find_schedule(context, path.at(0));
  if (!schedule) return problem_answer(schedule.error(), request);
  const auto due = schedule::next_due_times(*schedule, context.clock.wall_now(), *count);
  if (!due) return problem_answer(due.error(), request);
  Table table = tables::due_times(*due);
  return rows_answer(
      request, [&] { return wire::rows(table, "schedule", schedule->name); }, [&] { return std::move(table); });
}

Response list_fires(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto limit = int_parameter(request, "limit", {1, 200, 50});
  if (!limit) return problem_answer(limit.error(), request.id);
  const auto schedule = find_schedule(context, path.at(0));
  if (!schedule) return problem_answer(schedule.error(), request);
  const auto fires = context.reader.fires(schedule->name, *limit);
  if (!fires) return problem_answer(fires.error(), request);
  Table table = tables::fires(*fires);
  return rows_answer(
      request, [&] { return wire::rows(table, "schedule", schedule->name); }, [&] { return std::move(table); });
}

}  // namespace dyno::api
