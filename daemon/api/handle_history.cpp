#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/reference.h"
#include "api/tables.h"
#include "api/wire.h"
#include "base/id.h"
#include "base/text.h"
#include "model/metric.h"
#include "results/compare.h"

namespace dyno::api {
namespace {

constexpr Nanos kDay = std::chrono::hours(24);
constexpr auto kNoMedian = "b must be one run; median:N is for a, what it is compared with";

tl::expected<Reference, Problem> reference_parameter(const Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  const auto reference = text ? parse_reference(*text) : std::nullopt;
  if (reference) return *reference;
  return tl::unexpected<Problem>(bad_parameter(name, fmt::format("{} must be {}", name, reference_forms())));
}

// A reference and the runs that it counts.
struct Named {
  Reference reference;
  store::PastFilter filter;
};

// What a baseline stands for, and its runs alone; anything else stands for itself.
Result<Named> resolved(const ApiContext& context, const Reference& reference, const store::PastFilter& filter) {
  if (reference.kind != Reference::Kind::baseline) return Named{reference, filter};
  const auto baseline = context.baselines.find(reference.id);
  if (!baseline) return fail(baseline.error());
  if (!*baseline) return fail(ErrorCode::not_found, fmt::format("there is no baseline \"{}\"", reference.id));
  const auto meant = parse_reference((*baseline)->ref);
  if (!meant || meant->kind == Reference::Kind::baseline)
    return fail(ErrorCode::internal, fmt::format("the baseline \"{}\" names no run", reference.id));
  return Named{*meant, narrowed(filter, **baseline)};
}

store::CellFilter cell_filter(const Request& request) {
  return {request.parameters("stack"), request.parameters("case"), request.parameters("phase"),
          request.parameters("metric")};
}

// Metrics that are neither good nor bad are compared where somebody asks for them.
void keep_judged(std::vector<model::CellSummary>& cells, const store::CellFilter& filter) {
  if (!filter.metrics.empty()) return;
  std::erase_if(cells, [](const model::CellSummary& cell) {
    return model::metric_of(cell.summary.metric).better == model::Better::neither;
  });
}

Result<store::PastRun> find_run(const ApiContext& context, const Reference& reference, store::PastFilter filter) {
  if (reference.kind == Reference::Kind::run) {
    const auto runs = context.reader.past_runs({.id = reference.id});
    if (!runs) return fail(runs.error());
    if (!runs->empty()) return runs->front();
    const auto run = context.reader.run(reference.id);
    if (!run) return fail(run.error());
    return fail(ErrorCode::conflict, model::is_terminal(run->state) ? fmt::format("run {} has no results", run->id)
                                                                    : fmt::format("run {} has not ended yet", run->id));
  }
  if (reference.kind == Reference::Kind::day) {
    filter.since = reference.day;
    filter.before = reference.day + kDay;
  }
  filter.limit = reference.count + 1;
  auto runs = context.reader.past_runs(filter);
  if (!runs) return fail(runs.error());
  if (runs->size() == static_cast<std::size_t>(filter.limit)) return std::move(runs->back());
  if (reference.kind == Reference::Kind::day)
    return fail(ErrorCode::not_found, "no run with results was started on that day (UTC)");
  if (runs->empty()) return fail(ErrorCode::not_found, "no run with results matches");
  return fail(ErrorCode::not_found, fmt::format("of the runs with results only {} match", runs->size()));
}

struct Side {
  wire::ComparedSide shown;
  std::vector<store::PastRun> runs;  // newest first
  model::Run newest;
};

Result<Side> side_of(const ApiContext& context, std::string ref, std::vector<store::PastRun> runs) {
  auto newest = context.reader.run(runs.front().id);
  if (!newest) return fail(std::move(newest.error()));
  Side side{{std::move(ref), {}, "", runs.front().created_at, newest->environment.key, newest->request.profile},
            std::move(runs),
            std::move(*newest)};
  for (const store::PastRun& run : side.runs) side.shown.runs.push_back(run.id);
  return side;
}

Result<Side> find_a(const ApiContext& context, const Request& request, const Reference& reference,
                    store::PastFilter filter, const Side& b) {
  if (filter.profiles.empty()) filter.profiles = {b.newest.request.profile};
  const std::string ref(*request.parameter("a"));
  if (reference.kind != Reference::Kind::median) {
    const auto run = find_run(context, reference, std::move(filter));
    if (!run) return fail(run.error());
    return side_of(context, ref, {*run});
  }
  // Of another environment nothing is decided, so such runs are no part of the median.
  filter.environment_key = b.shown.environment_key;
  filter.before = b.runs.front().created_at;
  filter.limit = reference.count;
  auto runs = context.reader.past_runs(filter);
  if (!runs) return fail(std::move(runs.error()));
  if (runs->empty())
    return fail(ErrorCode::not_found, "no run with results in the same environment is older than the other side");
  return side_of(context, ref, std::move(*runs));
}

// All that the answer is made of.
Result<wire::Comparison> comparison_of(const ApiContext& context, const Request& request, const Reference& wanted_a,
                                       const Reference& wanted_b) {
  const store::PastFilter asked{.profiles = request.parameters("profile"),
                                .schedules = request.parameters("schedule"),
                                .stacks = request.parameters("stack")};
  const auto named_a = resolved(context, wanted_a, asked);
  if (!named_a) return fail(named_a.error(), "a");
  const auto named_b = resolved(context, wanted_b, asked);
  if (!named_b) return fail(named_b.error(), "b");
  const Reference& a = named_a->reference;
  if (named_b->reference.kind == Reference::Kind::median) return fail(ErrorCode::invalid_argument, kNoMedian);
  const auto found_b = find_run(context, named_b->reference, named_b->filter);
  if (!found_b) return fail(found_b.error(), "b");
  auto to = side_of(context, std::string(*request.parameter("b")), {*found_b});
  if (!to) return fail(std::move(to.error()), "b");
  auto from = find_a(context, request, a, named_a->filter, *to);
  if (!from) return fail(std::move(from.error()), "a");
  store::CellFilter which = cell_filter(request);
  const auto a_case = request.parameter("a_case");
  const auto b_case = request.parameter("b_case");
  if (b_case) which.cases = {std::string(*b_case)};
  auto cells_b = context.reader.cells(to->runs.front(), which);
  if (!cells_b) return fail(std::move(cells_b.error()));
  if (a_case) which.cases = {std::string(*a_case)};
  auto cells_a = a.kind == Reference::Kind::median ? context.reader.values_of(to->runs.front(), from->runs, which)
                                                   : context.reader.cells(from->runs.front(), which);
  if (!cells_a) return fail(std::move(cells_a.error()));
  keep_judged(*cells_b, which);
  from->shown.case_name = a_case.value_or("");
  to->shown.case_name = b_case.value_or("");
  const bool one_run = a.kind != Reference::Kind::median && from->shown.runs == to->shown.runs;
  return wire::Comparison{std::move(from->shown), std::move(to->shown),
                          results::differences_of(from->newest, to->newest),
                          results::compare_all(*cells_a, *cells_b, {one_run, !(a_case && b_case)})};
}

// One case against another takes two names.
std::optional<Problem> odd_cases(const Request& request) {
  const bool has_a = request.parameter("a_case").has_value();
  if (has_a == request.parameter("b_case").has_value()) return std::nullopt;
  return bad_parameter(has_a ? "b_case" : "a_case", "a_case and b_case are given together, or neither");
}

tl::expected<std::optional<WallTime>, Problem> instant_parameter(const Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text) return std::optional<WallTime>();
  if (const auto day = parse_day(*text)) return day;
  if (const auto instant = parse_instant(*text)) return instant;
  return tl::unexpected<Problem>(bad_parameter(
      name, fmt::format("{} must be a day such as 2026-11-29 or an instant such as 2026-11-29T02:30:00Z", name)));
}

}  // namespace

Response show_comparison(const ApiContext& context, const Request& request, const PathValues&) {
  const auto a = reference_parameter(request, "a");
  if (!a) return problem_answer(a.error(), request.id);
  const auto b = reference_parameter(request, "b");
  if (!b) return problem_answer(b.error(), request.id);
  if (b->kind == Reference::Kind::median) return problem_answer(bad_parameter("b", kNoMedian), request.id);
  const auto metrics = metric_parameter(request);
  if (!metrics) return problem_answer(metrics.error(), request.id);
  if (const auto odd = odd_cases(request)) return problem_answer(*odd, request.id);
  auto comparison = comparison_of(context, request, *a, *b);
  if (!comparison) return problem_answer(comparison.error(), request);
  if (comparison->rows.empty()) {
    return problem_answer(Problem{422,
                                  "nothing-in-common",
                                  "the two sides share no metric of a case and phase, or none that was asked for",
                                  {}},
                          request.id);
  }
  return rows_answer(
      request, [&] { return wire::comparison(*comparison); },
      [&] { return tables::comparison(std::move(comparison->rows)); });
}

Response list_series(const ApiContext& context, const Request& request, const PathValues&) {
  const auto metrics = metric_parameter(request);
  if (!metrics) return problem_answer(metrics.error(), request.id);
  const auto limit = int_parameter(request, "limit", {1, 200, 50});
  if (!limit) return problem_answer(limit.error(), request.id);
  store::SeriesFilter filter{cell_filter(request), request.parameters("profile"), 0, *limit + 1};
  if (const auto cursor = request.parameter("cursor")) {
    const auto after = parse_int(*cursor);
    if (!after || *after < 1) return problem_answer(bad_parameter("cursor", "the cursor is not valid"), request.id);
    filter.after = *after;
  }
  auto series = context.reader.series(filter);
  if (!series) return problem_answer(series.error(), request);
  const bool more = series->size() > static_cast<std::size_t>(*limit);
  if (more) series->resize(static_cast<std::size_t>(*limit));
  const std::string next = more ? std::to_string(series->back().id) : "";
  Response answer = rows_answer(
      request, [&] { return wire::series(*series, next); }, [&] { return tables::series(std::move(*series)); });
  if (more) add_next_link(answer, request, "cursor", next);
  return answer;
}

Response show_points(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto id = parse_int(path.at(0));
  if (!id || *id < 1) return problem_answer(Error{ErrorCode::not_found, "there is no such series"}, request);
  const auto most = int_parameter(request, "points", {2, 10'000, 500});
  if (!most) return problem_answer(most.error(), request.id);
  const auto since = instant_parameter(request, "since");
  if (!since) return problem_answer(since.error(), request.id);
  const auto until = instant_parameter(request, "until");
  if (!until) return problem_answer(until.error(), request.id);
  auto history = context.reader.history(*id, {*since, *until, static_cast<std::size_t>(*most)});
  if (!history) return problem_answer(history.error(), request);
  return rows_answer(
      request, [&] { return wire::history(*history); }, [&] { return tables::points(std::move(*history)); });
}

}  // namespace dyno::api
