#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/new_run.h"
#include "api/parameters.h"
#include "api/pool.h"
#include "api/run_look.h"
#include "api/tables.h"
#include "api/wire.h"
#include "base/sha256.h"
#include "base/text.h"
#include "results/objectives.h"
#include "results/standing.h"
#include "results/summarise.h"
#include "run/gaps.h"
#include "run/plan.h"

namespace dyno::api {
namespace {

// How far it is; told only while it is under way.
Result<wire::RunView> view_of(const ApiContext& context, model::Run run) {
  wire::RunView view{std::move(run), std::nullopt, std::nullopt};
  if (model::is_terminal(view.run.state)) return view;
  auto progress = context.reader.progress(view.run.id);
  if (!progress) return fail(std::move(progress.error()));
  view.progress = std::move(*progress);
  return view;
}

wire::RunComparisonView comparison_view(RunLook look) {
  return {std::move(look.wanted), std::move(look.pair), look.blocks};
}

// Of a run in a list, which shows a run whose first event cannot be read all the same: here that is nothing, on its own page an error.
std::optional<wire::RunComparisonView> listed_comparison(const ApiContext& context, const model::Run& run) {
  constexpr std::size_t kCompared = 2;  // a run of more stacks or fewer compares none
  if (run.stacks.size() != kCompared) return std::nullopt;
  auto look = look_of_run(context, run);
  if (!look || !*look) return std::nullopt;
  return comparison_view(std::move(**look));
}

Result<wire::RunView> find_view(const ApiContext& context, const std::string& id) {
  auto run = context.reader.run(id);
  if (!run) return fail(std::move(run.error()));
  auto overviews = context.reader.overviews({id});
  if (!overviews) return fail(std::move(overviews.error()));
  auto view = view_of(context, std::move(*run));
  if (view && overviews->contains(id)) view->overview = std::move(overviews->at(id));
  if (view) {
    auto look = look_of_run(context, view->run);
    if (!look) return fail(std::move(look.error()));
    model::Run counted = view->run;
    if (*look) counted.blocks = (*look)->blocks;
    auto decision = pool_of_run(context, counted);
    if (!decision) return fail(std::move(decision.error()));
    view->decision = std::move(*decision);
    if (*look) view->compare = comparison_view(std::move(**look));
  }
  return view;
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
  auto states = enum_parameters<model::RunState>(request, "state");
  if (!states) return tl::unexpected<Problem>(states.error());
  filter.states = std::move(*states);
  filter.tags = request.parameters("tag");
  const auto pinned = flag_parameter(request, "pinned");
  if (!pinned) return tl::unexpected<Problem>(pinned.error());
  filter.pinned = *pinned;
  const auto excluded = flag_parameter(request, "excluded");
  if (!excluded) return tl::unexpected<Problem>(excluded.error());
  filter.excluded = *excluded;
  filters = fmt::format("{}|{}", fmt::join(filter.stacks, ","), fmt::join(request.parameters("state"), ","));
  for (const char* const name : {"tag", "pinned", "excluded"}) {
    if (request.parameter(name)) filters += fmt::format("|{}={}", name, fmt::join(request.parameters(name), ","));
  }
  if (const auto cursor = request.parameter("cursor")) {
    filter.after = read_cursor(*cursor, filters);
    if (!filter.after)
      return tl::unexpected<Problem>(bad_parameter("cursor", "the cursor is not valid, or belongs to other filters"));
  }
  return filter;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// What gaps are told by (run/gaps).
constexpr auto kOfGaps = model::MetricName::throughput_per_s;

// What summaries and gaps are made of: all trials of a run with their phases, those that were asked for.
struct Material {
  model::Run run;
  wire::SummaryFrame frame;
  std::vector<model::Trial> trials;
  std::vector<results::TrialMetrics> contributions;  // of `trials`, in their order
  std::map<std::string, std::string> stack_of;
};

// The readings of `metrics`, and those that gaps are told by; none: all. Of a long run reading all of them is most of the work.
Result<Material> material_of(const ApiContext& context, const std::string& run_id, const Request& request,
                             Wanted metrics) {
  auto run = context.reader.run(run_id);
  if (!run) return fail(std::move(run.error()));
  auto trials = context.reader.trials(run->id, {.metrics = metrics});
  if (!trials) return fail(std::move(trials.error()));
  if (!metrics.empty()) add_once(metrics, std::string(model::to_string(kOfGaps)));
  auto phases = context.reader.phases_of_run(run->id, {request.parameters("phase"), std::move(metrics)});
  if (!phases) return fail(std::move(phases.error()));
  Material all{std::move(*run), {}, std::move(*trials), {}, {}};
  for (const model::Trial& trial : all.trials) {
    add_once(all.frame.cases, trial.case_name);
    for (const std::string& phase : trial.phases) add_once(all.frame.phases, phase);
    all.stack_of[trial.case_name] = trial.stack;
    all.contributions.push_back(results::contribution_of(trial, std::move((*phases)[trial.id])));
  }
  return all;
}

// Over all cases, because what one case lacks shows in the phases of the others.
std::vector<run::Gap> gaps_of(const Material& all, const Request& request) {
  auto gaps = run::gaps_of(all.trials, all.contributions);
  const Wanted cases = request.parameters("case");
  std::erase_if(gaps, [&](const run::Gap& gap) { return !passes(cases, gap.case_name); });
  return gaps;
}

// Leaves out beforehand what nobody asked for: the statistics are most of the work.
void keep_wanted(std::vector<results::TrialMetrics>& contributions, const Request& request, const Wanted& metrics) {
  const Wanted cases = request.parameters("case");
  const Wanted phases = request.parameters("phase");
  const auto unwanted = [&](const model::Reading& one) { return !passes(metrics, model::to_string(one.metric)); };
  std::erase_if(contributions, [&](const results::TrialMetrics& one) { return !passes(cases, one.case_name); });
  for (results::TrialMetrics& one : contributions) {
    if (!passes(phases, "")) one.readings.clear();
    std::erase_if(one.readings, unwanted);
    for (model::PhaseResult& phase : one.phases) std::erase_if(phase.readings, unwanted);
  }
}

// Figures without a summary, each with the reason that its first trial gives.
std::vector<wire::Absence> absences_of(const std::vector<results::TrialMetrics>& contributions,
                                       const std::vector<model::Summary>& summaries) {
  std::set<std::tuple<std::string, std::string, model::MetricName>> known;
  for (const model::Summary& s : summaries) known.insert({s.case_name, s.phase, s.metric});
  std::vector<wire::Absence> absent;
  const auto add = [&](const std::string& case_name, const std::string& phase,
                       const std::vector<model::Reading>& readings) {
    for (const model::Reading& one : readings) {
      if (one.value || !known.insert({case_name, phase, one.metric}).second) continue;
      absent.push_back({case_name, phase, one.metric, one.absent});
    }
  };
  for (const results::TrialMetrics& one : contributions) {
    add(one.case_name, "", one.readings);
    for (const model::PhaseResult& phase : one.phases) add(one.case_name, phase.phase, phase.readings);
  }
  return absent;
}

// Those that the objectives are about, and the throughput that a rate may be a share of; none where there is no objective.
Wanted metrics_of_objectives(const std::vector<model::Stack>& stacks) {
  Wanted metrics;
  for (const model::Stack& stack : stacks) {
    for (const model::Objective& one : stack.objectives) add_once(metrics, std::string(model::to_string(one.metric)));
  }
  if (!metrics.empty()) add_once(metrics, std::string(model::to_string(model::MetricName::throughput_per_s)));
  return metrics;
}

// Of all stacks of the run. Where they have none, as most have, nothing of what was measured is read.
Result<std::vector<results::JudgedObjective>> judged_objectives(const ApiContext& context, const model::Run& run,
                                                                const Request& request) {
  std::vector<results::JudgedObjective> judged;
  const auto job = context.reader.job(run.id);
  if (!job && job.error().code == ErrorCode::not_found) return judged;  // from before jobs were stored
  if (!job) return fail(job.error());
  const Wanted metrics = metrics_of_objectives(job->stacks);
  if (metrics.empty()) return judged;
  auto all = material_of(context, run.id, request, metrics);
  if (!all) return fail(std::move(all.error()));
  const auto look = look_of_run(context, run);
  if (!look) return fail(look.error());
  results::Matching matching;
  if (*look) {
    results::keep_blocks(all->contributions, (*look)->blocks);
    matching = results::matching_at((*look)->blocks, (*look)->most);
  }
  results::Findings findings{results::summarise(all->contributions, matching.tail), {}, matching.tail};
  findings.trials = std::move(all->contributions);
  for (const model::Stack& stack : job->stacks) {
    const std::string name = fmt::format("{}/{}", stack.name, model::to_string(job->profile.mode));
    auto ones =
        results::judge_objectives(stack, name, run::phases_for(stack, job->profile), run.request.profile, findings);
    std::move(ones.begin(), ones.end(), std::back_inserter(judged));
  }
  return judged;
}

}  // namespace

bool is_json(const Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  return trim(type.substr(0, type.find(';'))) == "application/json";
}

Response run_answer(const ApiContext& context, const std::string& id, const Request& request, int status) {
  const auto view = find_view(context, id);
  if (!view) return problem_answer(view.error(), request);
  Response answer = json_answer(wire::run(*view), status);
  if (status == 202) answer.headers.emplace_back("Location", "/api/v1/runs/" + id);
  return answer;
}

std::string version_of(const model::Marks& marks) { return sha256_hex(wire::marks(marks)).substr(0, 16); }

Response tagged_run_answer(const ApiContext& context, const std::string& id, const Request& request) {
  const auto view = find_view(context, id);
  if (!view) return problem_answer(view.error(), request);
  Response answer = json_answer(wire::run(*view));
  const std::string rest = sha256_hex(answer.body).substr(0, 16);
  answer.headers.emplace_back("ETag", fmt::format("\"{}-{}\"", version_of(view->run.marks), rest));
  if (model::is_terminal(view->run.state)) answer.headers.emplace_back("Cache-Control", "private, no-cache");
  return answer;
}

Response refused_answer(const run::Refusal& refusal, const Request& request) {
  if (refusal.why != run::Refused::queue_full) return problem_answer(refusal.error, request);
  Response full = problem_answer(Problem{409, "queue-full", refusal.error.message, {}}, request.id);
  full.headers.emplace_back("Retry-After", "60");
  return full;
}

Response start_run(const ApiContext& context, const Request& request, const PathValues&) {
  if (!is_json(request)) {
    return problem_answer(Problem{415, "unsupported-media-type", "the body must be application/json", {}}, request.id);
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
  if (!started) return refused_answer(started.error(), request);
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
  std::vector<std::string> ids;
  ids.reserve(runs->size());
  for (const model::Run& run : *runs) ids.push_back(run.id);
  auto overviews = context.reader.overviews(ids);
  if (!overviews) return problem_answer(overviews.error(), request);
  std::vector<wire::RunView> views;
  views.reserve(runs->size());
  for (model::Run& run : *runs) {
    auto view = view_of(context, std::move(run));
    if (!view) return problem_answer(view.error(), request);
    if (const auto found = overviews->find(view->run.id); found != overviews->end())
      view->overview = std::move(found->second);
    view->compare = listed_comparison(context, view->run);
    views.push_back(std::move(*view));
  }
  Response answer = rows_answer(
      request, [&] { return wire::runs(views, next); }, [&] { return tables::runs(std::move(views)); });
  if (more) add_next_link(answer, request, "cursor", next);
  return answer;
}

Response show_run(const ApiContext& context, const Request& request, const PathValues& path) {
  return tagged_run_answer(context, path.at(0), request);
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
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  return part_of(*run, rows_answer(
                           request, [&] { return wire::environment(*run); },
                           [&] { return tables::facts(run->environment.facts); }));
}

Response list_phases(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  auto phases = context.reader.phase_counts(run->id);
  if (!phases) return problem_answer(phases.error(), request);
  Table table = tables::phases(std::move(*phases));
  return part_of(*run,
                 rows_answer(
                     request, [&] { return wire::rows(table, "run", run->id); }, [&] { return std::move(table); }));
}

Response list_gaps(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto all = material_of(context, path.at(0), request, {std::string(model::to_string(kOfGaps))});
  if (!all) return problem_answer(all.error(), request);
  Table table = tables::gaps(gaps_of(*all, request));
  return part_of(all->run,
                 rows_answer(
                     request, [&] { return wire::rows(table, "run", all->run.id); }, [&] { return std::move(table); }));
}

Response list_summaries(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto metrics = metric_parameter(request);
  if (!metrics) return problem_answer(metrics.error(), request.id);
  auto all = material_of(context, path.at(0), request, *metrics);
  if (!all) return problem_answer(all.error(), request);
  const auto gaps = gaps_of(*all, request);
  keep_wanted(all->contributions, request, *metrics);
  auto summaries = results::summarise(all->contributions);
  all->frame.absent = absences_of(all->contributions, summaries);
  return part_of(all->run,
                 rows_answer(
                     request, [&] { return wire::summaries(all->run, all->frame, summaries, gaps, all->stack_of); },
                     [&] { return tables::summaries(all->run.id, std::move(summaries), std::move(all->stack_of)); }));
}

Response list_objectives(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  auto judged = judged_objectives(context, *run, request);
  if (!judged) return problem_answer(judged.error(), request);
  Table table = tables::objectives(std::move(*judged));
  return part_of(*run,
                 rows_answer(
                     request, [&] { return wire::rows(table, "run", run->id); }, [&] { return std::move(table); }));
}

}  // namespace dyno::api
