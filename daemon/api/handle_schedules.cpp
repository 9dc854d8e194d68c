#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/tables.h"
#include "api/wire.h"
#include "base/sha256.h"
#include "base/text.h"
#include "model/stack_pattern.h"
#include "run/plan.h"
#include "schedule/due_times.h"
#include "stackfile/read_yaml.h"

namespace dyno::api {
namespace {

Result<ScheduleEntry> find_schedule(const ApiContext& context, const std::string& name) {
  for (ScheduleEntry& entry : context.schedules.list()) {
    if (entry.schedule.name == name) return std::move(entry);
  }
  return fail(ErrorCode::not_found, "there is no schedule with that name");
}

// A schedule whose next due time cannot be told (never comes, zone unknown) is shown without one.
wire::ScheduleView view_of(const ApiContext& context, const ScheduleEntry& entry) {
  wire::ScheduleView view{entry.schedule, std::nullopt, entry.text, entry.paused_at, entry.problem, std::nullopt};
  if (!entry.fires()) return view;
  if (const auto due = schedule::next_due_times(entry.schedule, context.clock.wall_now(), 1); due && !due->empty())
    view.next = due->front();
  return view;
}

// As long as its last whole run of the same profile took; before the first one, what the plan expects of the stacks.
std::optional<wire::ScheduleFit> fit_of(const ApiContext& context, const model::Schedule& schedule) {
  const auto catalog = context.catalog.current();
  const auto profile = std::find_if(catalog->profiles.begin(), catalog->profiles.end(),
                                    [&](const model::Profile& p) { return p.name == schedule.profile; });
  if (profile == catalog->profiles.end()) return std::nullopt;
  std::set<std::string> stacks;
  for (const model::Stack& stack : catalog->stacks) {
    if (std::any_of(schedule.stacks.begin(), schedule.stacks.end(),
                    [&](const std::string& pattern) { return model::means_stack(pattern, stack.name); }))
      stacks.insert(stack.name);
  }
  store::RunFilter filter;
  filter.states = {model::RunState::succeeded};
  filter.schedule = schedule.name;
  filter.limit = 1;
  if (const auto runs = context.reader.runs(filter); runs && !runs->empty()) {
    const model::Run& last = runs->front();
    std::set<std::string> measured;
    for (const model::RunStack& stack : last.stacks) measured.insert(stack.name);
    const bool same = last.profile_hash == profile->hash && measured == stacks;
    // One that was cut off took the time of the interruption, too.
    if (same && last.resumed == 0 && last.started_at && last.finished_at)
      return wire::ScheduleFit{*last.finished_at - *last.started_at, last.id};
  }
  return wire::ScheduleFit{run::expected_per_stack(*profile) * std::ssize(stacks), ""};
}

// The first part stands for the definition, which is all that a change replaces; the rest for what else is shown.
std::string version_of(const ScheduleEntry& entry) { return sha256_hex(entry.text).substr(0, 16); }

Response schedule_answer(const ApiContext& context, const ScheduleEntry& entry, int status) {
  wire::ScheduleView view = view_of(context, entry);
  view.fit = fit_of(context, entry.schedule);
  Response answer = json_answer(wire::schedule(view), status);
  if (!entry.text.empty()) {
    const std::string rest = sha256_hex(answer.body).substr(0, 16);
    answer.headers.emplace_back("ETag", fmt::format("\"{}-{}\"", version_of(entry), rest));
  }
  if (status == 201) answer.headers.emplace_back("Location", "/api/v1/schedules/" + entry.schedule.name);
  return answer;
}

Response schedule_answer(const ApiContext& context, const std::string& name, const Request& request, int status) {
  const auto entry = find_schedule(context, name);
  if (!entry) return problem_answer(entry.error(), request);
  return schedule_answer(context, *entry, status);
}

Response refused_answer(const ScheduleRefusal& refusal, const Request& request) {
  if (refusal.changed)
    return problem_answer(Problem{412, "precondition-failed", refusal.error.message, {}}, request.id);
  if (refusal.problems.empty()) return problem_answer(refusal.error, request);
  Problem problem = problem_of(refusal.problems, "the schedule");
  for (Fault& fault : problem.faults) {
    fault.file.clear();
    if (is_json(request)) fault.line = fault.column = 0;  // those of the text that was made of it
  }
  return problem_answer(problem, request.id);
}

tl::expected<std::string, Problem> text_of(const Request& request) {
  if (request.body.size() > stackfile::kMaxFileBytes)
    return tl::unexpected<Problem>({413, "body-too-large", "a schedule has at most 256 KiB", {}});
  if (is_yaml(request)) return request.body;
  if (is_json(request)) return wire::read_schedule(request.body);
  return tl::unexpected<Problem>(
      {415, "unsupported-media-type", "the body must be application/json or application/yaml", {}});
}

// The schedule as the client knows it, or why it cannot be changed by this request.
tl::expected<ScheduleEntry, Response> expect_known(const ApiContext& context, const Request& request,
                                                   const std::string& name) {
  auto entry = find_schedule(context, name);
  if (!entry) return tl::unexpected<Response>(problem_answer(entry.error(), request));
  if (entry->text.empty()) {
    const std::string words = fmt::format("the schedule \"{}\" is in a file: change it there", name);
    return tl::unexpected<Response>(problem_answer(Error{ErrorCode::conflict, words}, request));
  }
  const auto known = request.header("if-match");
  if (!known)
    return tl::unexpected<Response>(problem_answer(
        Problem{428, "precondition-required", "send the ETag of the schedule as If-Match", {}}, request.id));
  const std::string version = "\"" + version_of(*entry);
  const auto tags = split(*known, ',');
  const bool is_same = std::any_of(tags.begin(), tags.end(), [&](std::string_view tag) {
    return trim(tag) == "*" || trim(tag).substr(0, trim(tag).find('-')) == version;
  });
  if (!is_same)
    return tl::unexpected<Response>(
        problem_answer(Problem{412, "precondition-failed", "the schedule has been changed since", {}}, request.id));
  return std::move(*entry);
}

Response set_paused(const ApiContext& context, const Request& request, const std::string& name, bool paused) {
  if (const auto entry = find_schedule(context, name); !entry) return problem_answer(entry.error(), request);
  if (const Status done = context.schedules.pause(name, paused); !done) return problem_answer(done.error(), request);
  return schedule_answer(context, name, request, 200);
}

}  // namespace

Response list_schedules(const ApiContext& context, const Request& request, const PathValues&) {
  const auto catalog = context.catalog.current();
  std::vector<wire::ScheduleView> views;
  for (const ScheduleEntry& entry : context.schedules.list()) {
    views.push_back(view_of(context, entry));
    views.back().fit = fit_of(context, entry.schedule);
  }
  return rows_answer(
      request, [&] { return wire::schedules(views, *catalog); }, [&] { return tables::schedules(std::move(views)); });
}

Response show_schedule(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto catalog = context.catalog.current();
  if (const FaultyFile* const file = catalog->find_faulty("schedule", path.at(0)))
    return problem_answer(problem_of(file->problems, file->problems.front().file), request.id);
  return schedule_answer(context, path.at(0), request, 200);
}

Response add_schedule(const ApiContext& context, const Request& request, const PathValues&) {
  const auto text = text_of(request);
  if (!text) return problem_answer(text.error(), request.id);
  const auto name = context.schedules.add(*text);
  if (!name) return refused_answer(name.error(), request);
  return schedule_answer(context, *name, request, 201);
}

Response change_schedule(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto known = expect_known(context, request, path.at(0));
  if (!known) return known.error();
  const auto text = text_of(request);
  if (!text) return problem_answer(text.error(), request.id);
  const auto changed = context.schedules.change(path.at(0), *text, known->text);
  if (!changed) return refused_answer(changed.error(), request);
  return schedule_answer(context, path.at(0), request, 200);
}

Response remove_schedule(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto known = expect_known(context, request, path.at(0));
  if (!known) return known.error();
  const auto removed = context.schedules.remove(path.at(0), known->text);
  if (!removed) return refused_answer(removed.error(), request);
  Response answer;
  answer.status = 204;
  return answer;
}

Response pause_schedule(const ApiContext& context, const Request& request, const PathValues& path) {
  return set_paused(context, request, path.at(0), true);
}

Response resume_schedule(const ApiContext& context, const Request& request, const PathValues& path) {
  return set_paused(context, request, path.at(0), false);
}

Response run_schedule(const ApiContext& context, const Request& request, const PathValues& path) {
  const std::string_view force = request.parameter("force").value_or("false");
  if (force != "true" && force != "false")
    return problem_answer(bad_parameter("force", "force is true or false"), request.id);
  const auto entry = find_schedule(context, path.at(0));
  if (!entry) return problem_answer(entry.error(), request);
  const auto run_id = context.schedules.run(entry->schedule, force == "true");
  if (!run_id) return refused_answer(run_id.error(), request);
  return run_answer(context, *run_id, request, 202);
}

Response list_due_times(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto count = int_parameter(request, "n", {1, 100, 10});
  if (!count) return problem_answer(count.error(), request.id);
  const auto entry = find_schedule(context, path.at(0));
  if (!entry) return problem_answer(entry.error(), request);
  const auto due = schedule::next_due_times(entry->schedule, context.clock.wall_now(), *count);
  if (!due) return problem_answer(due.error(), request);
  Table table = tables::due_times(*due);
  return rows_answer(
      request, [&] { return wire::rows(table, "schedule", path.at(0)); }, [&] { return std::move(table); });
}

Response list_fires(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto limit = int_parameter(request, "limit", {1, 200, 50});
  if (!limit) return problem_answer(limit.error(), request.id);
  const auto fires = context.reader.fires(path.at(0), *limit);
  if (!fires) return problem_answer(fires.error(), request);
  if (fires->empty()) {  // the history of one that was removed stays
    if (const auto entry = find_schedule(context, path.at(0)); !entry) return problem_answer(entry.error(), request);
  }
  Table table = tables::fires(*fires);
  return rows_answer(
      request, [&] { return wire::rows(table, "schedule", path.at(0)); }, [&] { return std::move(table); });
}

}  // namespace dyno::api
