#include <fmt/format.h>

#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/new_run.h"
#include "api/parameters.h"
#include "api/run_cursor.h"
#include "api/wire.h"
#include "base/sha256.h"
#include "base/text.h"
#include "run/gaps.h"
#include "run/summarise.h"

namespace dyno::api {
namespace {

// How far it is; told only while it is under way.
Result<wire::RunView> view_of(const ApiContext& context, model::Run run) {
  wire::RunView view{std::move(run), std::nullopt};
  if (model::is_terminal(view.run.state)) return view;
  auto progress = context.reader.progress(view.run.id);
  if (!progress) return fail(std::move(progress.error()));
  view.progress = std::move(*progress);
  return view;
}

Result<wire::RunView> find_view(const ApiContext& context, const std::string& id) {
  auto run = context.reader.run(id);
  if (!run) return fail(std::move(run.error()));
  return view_of(context, std::move(*run));
}

Response run_answer(const ApiContext& context, const std::string& id, const Request& request, int status) {
  const auto view = find_view(context, id);
  if (!view) return problem_answer(view.error(), request);
  Response answer = json_answer(wire::run(*view), status);
  if (status == 202) answer.headers.emplace_back("Location", "/api/v1/runs/" + id);
  return answer;
}

// What has ended is tagged; what may change with the next event is not kept by anybody.
Response run_part(std::string body, const model::Run& run) {
  Response answer = json_answer(std::move(body));
  return model::is_terminal(run.state) ? tagged_answer(std::move(answer)) : answer;
}

bool is_key(std::string_view key) {
  constexpr std::string_view kOthers = "._~-";
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  };
  return !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), allowed);
}

tl::expected<store::RunFilter, Problem> read_filter(const Request& request, std::string& filters) {
  store::RunFilter filter;
  const auto limit = int_parameter(request, "limit", {1, 200, 50});
  if (!limit) return tl::unexpected<Problem>(limit.error());
  filter.limit = *limit;
  filter.stacks = request.parameters("stack");
  for (const std::string& word : request.parameters("state")) {
    const auto state = model::parse_enum<model::RunState>(word);
    if (!state) {
      const std::string hint = did_you_mean(word, model::names_of<model::RunState>());
      return tl::unexpected<Problem>(
          bad_parameter("state", fmt::format("there is no state \"{}\"{}", visible(word, 60), hint)));
    }
    filter.states.push_back(*state);
  }
  filters = fmt::format("{}|{}", fmt::join(filter.stacks, ","), fmt::join(request.parameters("state"), ","));
  if (const auto cursor = request.parameter("cursor")) {
    filter.after = read_cursor(*cursor, filters);
    if (!filter.after)
      return tl::unexpected<Problem>(
          bad_parameter("cursor", "the cursor is not one of ours, or belongs to other filters"));
  }
  return filter;
}

bool passes(const Request& request, std::string_view name, std::string_view value) {
  const auto wanted = request.parameter(name);
  return !wanted || *wanted == value;
}

}  // namespace

Response start_run(const ApiContext& context, const Request& request, const PathValues&) {
  const std::string_view type = request.header("content-type").value_or("");
  if (trim(type.substr(0, type.find(';'))) != "application/json") {
    return problem_answer(Problem{415, "unsupported-media-type", "the body has to be application/json", {}},
                          request.id);
  }
  std::optional<store::RequestKey> key;
  if (const auto given = request.header("idempotency-key")) {
    if (!is_key(*given))
      return problem_answer(Problem{400, "bad-request", "an Idempotency-Key has 1 to 64 of A-Z a-z 0-9 . _ ~ -", {}},
                            request.id);
    key = store::RequestKey{std::string(*given), sha256_hex(request.body)};
  }
  if (key) {
    const auto earlier = context.runs.earlier(*key);
    if (!earlier && earlier.error().code == ErrorCode::invalid_argument)
      return problem_answer(Problem{422, "key-reused", earlier.error().message, {}}, request.id);
    if (!earlier) return problem_answer(earlier.error(), request);
    if (*earlier) return run_answer(context, **earlier, request, 202);
  }
  const auto body = wire::read_new_run(request.body);
  if (!body) return problem_answer(body.error(), request.id);
  const auto wanted = make_request(*body, *context.catalog.current(), context.clock.wall_now());
  if (!wanted) return problem_answer(wanted.error(), request.id);
  const auto started = context.runs.start(*wanted, key);
  if (!started && started.error().code == ErrorCode::exhausted) {
    Response full = problem_answer(Problem{409, "queue-full", started.error().message, {}}, request.id);
    full.headers.emplace_back("Retry-After", "60");
    return full;
  }
  if (!started) return problem_answer(started.error(), request);
  return run_answer(context, started->run_id, request, 202);
}

Response list_runs(const ApiContext& context, const Request& request, const PathValues&) {
  std::string filters;
  auto filter = read_filter(request, filters);
  if (!filter) return problem_answer(filter.error(), request.id);
  const int limit = filter->limit;
  filter->limit = limit + 1;  // one more tells whether there is a next page
  auto runs = context.reader.runs(*filter);
  if (!runs) return problem_answer(runs.error(), request);
  const bool more = runs->size() > static_cast<std::size_t>(limit);
  if (more) runs->resize(static_cast<std::size_t>(limit));
  std::string next;
  if (more) next = write_cursor({runs->back().created_at, runs->back().id}, filters);
  std::vector<wire::RunView> views;
  for (model::Run& run : *runs) {
    auto view = view_of(context, std::move(run));
    if (!view) return problem_answer(view.error(), request);
    views.push_back(std::move(*view));
  }
  return json_answer(wire::runs(views, next));
}

Response show_run(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto view = find_view(context, path.at(0));
  if (!view) return problem_answer(view.error(), request);
  return run_part(wire::run(*view), view->run);
}

Response cancel_run(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  if (run->state == model::RunState::cancelled) return run_answer(context, run->id, request, 202);
  if (model::is_terminal(run->state)) {
    const std::string words = fmt::format("the run has already ended: {}", model::to_string(run->state));
    return problem_answer(Error{ErrorCode::conflict, words}, request);
  }
  const auto cancelled = context.runs.cancel(run->id);
  // Between the look and the call it may have ended: that is what was wanted.
  if (!cancelled && cancelled.error().code != ErrorCode::not_found) return problem_answer(cancelled.error(), request);
  return run_answer(context, run->id, request, 202);
}

Response show_environment(const ApiContext& context, const Request& request, const PathValues& path) {
  auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  auto environment = context.reader.environment(run->id);
  if (!environment) return problem_answer(environment.error(), request);
  run->environment = std::move(*environment);
  return run_part(wire::environment(*run), *run);
}

Response list_summaries(const ApiContext& context, const Request& request, const PathValues& path) {
  if (const auto metric = request.parameter("metric"); metric && !model::parse_enum<model::MetricName>(*metric)) {
    const std::string hint = did_you_mean(*metric, model::names_of<model::MetricName>());
    return problem_answer(
        bad_parameter("metric", fmt::format("there is no metric \"{}\"{}", visible(*metric, 60), hint)), request.id);
  }
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  auto trials = context.reader.trials(run->id);
  if (!trials) return problem_answer(trials.error(), request);
  auto phases = context.reader.phases_of_run(run->id);
  if (!phases) return problem_answer(phases.error(), request);
  std::vector<run::TrialMetrics> contributions;
  std::map<std::string, std::string> stack_of;
  for (const model::Trial& trial : *trials) {
    stack_of[trial.case_name] = trial.stack;
    contributions.push_back(run::contribution_of(trial, std::move((*phases)[trial.id])));
  }
  auto summaries = run::summarise(contributions);
  std::erase_if(summaries, [&](const model::Summary& s) {
    return !passes(request, "case", s.case_name) || !passes(request, "phase", s.phase) ||
           !passes(request, "metric", to_string(s.metric));
  });
  auto gaps = run::gaps_of(*trials, contributions);
  std::erase_if(gaps, [&](const run::Gap& gap) {
    return !passes(request, "case", gap.case_name) || !passes(request, "phase", gap.phase);
  });
  return run_part(wire::summaries(*run, summaries, gaps, stack_of), *run);
}

Response show_queue(const ApiContext& context, const Request& request, const PathValues&) {
  std::vector<wire::QueueRow> rows;
  int position = 1;
  for (const run::QueueEntry& entry : context.runs.queue()) {
    auto run = context.reader.run(entry.run_id);
    if (!run) return problem_answer(run.error(), request);
    wire::QueueRow row{std::move(*run), entry.running ? 0 : position, ""};
    if (!entry.running) {
      const std::size_t before = rows.size();
      row.reason = before == 0 ? "about to begin" : fmt::format("{} run{} before it", before, before == 1 ? "" : "s");
      ++position;
    }
    rows.push_back(std::move(row));
  }
  return json_answer(wire::queue(rows));
}

}  // namespace dyno::api
