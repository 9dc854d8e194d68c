#include <fmt/format.h>

#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/openapi_text.h"
#include "api/tables.h"
#include "api/wire.h"

namespace dyno::api {

Response show_root(const ApiContext& context, const Request&, const PathValues&) {
  return json_answer(wire::root(context.build));
}

Response show_health(const ApiContext&, const Request&, const PathValues&) { return json_answer(wire::healthy()); }

Response show_ready(const ApiContext& context, const Request&, const PathValues&) {
  const std::vector<HealthCheck> checks = context.health();
  const bool all = std::all_of(checks.begin(), checks.end(), [](const HealthCheck& check) { return check.ok; });
  return json_answer(wire::ready(checks), all ? 200 : 503);
}

Response show_version(const ApiContext& context, const Request&, const PathValues&) {
  return json_answer(wire::version(context.build));
}

Response show_prometheus(const ApiContext& context, const Request&, const PathValues&) {
  const auto queue = context.runs.queue();
  const auto running =
      std::count_if(queue.begin(), queue.end(), [](const run::QueueEntry& entry) { return entry.running; });
  std::string text;
  const auto gauge = [&](std::string_view name, std::string_view help, std::string_view labels, std::int64_t value) {
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{0}{2} {3}\n", name, help, labels, value);
  };
  gauge("stackdyno_build_info", "Version of the daemon.",
        fmt::format("{{version=\"{}\",git=\"{}\"}}", context.build.version, context.build.git), 1);
  gauge("stackdyno_queue_length", "Runs that are waiting.", "", static_cast<std::int64_t>(queue.size()) - running);
  gauge("stackdyno_runs_running", "Runs in progress.", "", running);
  gauge("stackdyno_event_subscribers", "Readers of live events.", "",
        static_cast<std::int64_t>(context.feed.subscribers()));
  for (const HealthCheck& check : context.health()) {
    if (check.name == "engine")
      gauge("stackdyno_engine_up", "Whether the container engine answers.", "", check.ok ? 1 : 0);
  }
  return text_answer(std::move(text), "text/plain; version=0.0.4; charset=utf-8");
}

Response show_openapi(const ApiContext&, const Request&, const PathValues&) {
  return tagged_answer(json_answer(std::string(openapi_text())));
}

Response show_schema(const ApiContext& context, const Request& request, const PathValues& path) {
  constexpr std::string_view kEnding = ".json";
  const std::string_view file = path.at(0);
  const std::string_view kind =
      file.ends_with(kEnding) ? file.substr(0, file.size() - kEnding.size()) : std::string_view();
  auto schema = context.catalog.schema(kind);
  if (!schema) return problem_answer(schema.error(), request);
  return text_answer(std::move(*schema), "application/schema+json");
}

Response show_problem_type(const ApiContext&, const Request& request, const PathValues& path) {
  const auto types = problem_types();
  const auto found =
      std::find_if(types.begin(), types.end(), [&](const ProblemType& type) { return type.slug == path.at(0); });
  if (found == types.end())
    return problem_answer(Error{ErrorCode::not_found, "there is no problem with that name"}, request);
  return text_answer(fmt::format("{}\n\n{}\n", found->title, found->text));
}

Response list_metrics(const ApiContext&, const Request& request, const PathValues&) {
  return rows_answer(
      request, [] { return wire::rows(tables::metrics()); }, tables::metrics);
}

}  // namespace dyno::api
