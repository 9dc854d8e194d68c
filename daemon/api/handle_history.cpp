#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/reference.h"
#include "api/run_look.h"
#include "api/tables.h"
#include "api/wire.h"
#include "base/id.h"
#include "base/text.h"
#include "model/metric.h"
#include "results/compare.h"
#include "results/standing.h"

namespace dyno::api {
namespace {

constexpr Nanos kDay = std::chrono::hours(24);
constexpr std::size_t kMostSides = 8;
constexpr auto kNoMedian = "b must be one run; median:N is for a, what it is compared with";

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
  bool is_median = false;
  bool is_named = false;  // several runs that were named together
};

Result<Side> side_of(const ApiContext& context, std::string ref, std::vector<store::PastRun> runs) {
  auto newest = context.reader.run(runs.front().id);
  if (!newest) return fail(std::move(newest.error()));
  return Side{{std::move(ref), {}, "", runs.front().created_at, newest->environment.key, newest->request.profile},
              std::move(runs),
              std::move(*newest)};
}

// Runs that were named together; of another environment or profile they are no more of the same.
Result<Side> side_of_named(const ApiContext& context, std::string ref, std::vector<store::PastRun> runs) {
  std::sort(runs.begin(), runs.end(), [](const auto& x, const auto& y) { return x.created_at > y.created_at; });
  auto side = side_of(context, std::move(ref), std::move(runs));
  if (!side) return side;
  for (store::PastRun& one : side->runs) {
    const auto run = context.reader.run(one.id);
    if (!run) return fail(run.error());
    if (run->environment.key != side->newest.environment.key || run->profile_hash != side->newest.profile_hash)
      return fail(ErrorCode::conflict,
                  fmt::format("run {} was measured in another environment or with another profile than run {}: they "
                              "cannot be pooled",
                              one.id, side->newest.id));
    one.blocks = run->blocks;
  }
  side->is_named = true;
  return side;
}

// The references of one side, as they were written: "latest", or several that are pooled, "ID,ID".
struct Asked {
  std::string text;
  std::vector<Reference> references;
};

tl::expected<Asked, Problem> read_side(std::string_view name, std::string_view text) {
  Asked asked{std::string(text), {}};
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    const auto one = parse_reference(text.substr(from, to - from));
    if (!one)
      return tl::unexpected<Problem>(bad_parameter(name, fmt::format("{} must be {}", name, reference_forms())));
    asked.references.push_back(*one);
    from = to + 1;
  }
  return asked;
}

// Of another environment nothing is decided, so such runs are no part of the median.
Result<Side> median_side(const ApiContext& context, const Asked& asked, int nights, store::PastFilter filter,
                         const Side& b) {
  filter.environment_key = b.shown.environment_key;
  filter.before = b.runs.front().created_at;
  filter.limit = nights;
  auto runs = context.reader.past_runs(filter);
  if (!runs) return fail(std::move(runs.error()));
  if (runs->empty())
    return fail(ErrorCode::not_found, "no run with results in the same environment is older than the other side");
  auto side = side_of(context, asked.text, std::move(*runs));
  if (side) side->is_median = true;
  return side;
}

// `b`: the other side, for a median; nothing: a median is none of what may stand here.
Result<Side> find_side(const ApiContext& context, const Asked& asked, const store::PastFilter& filter, const Side* b) {
  std::vector<store::PastRun> runs;
  for (const Reference& wanted : asked.references) {
    const auto named = resolved(context, wanted, filter);
    if (!named) return fail(named.error());
    if (named->reference.kind == Reference::Kind::median) {
      if (b == nullptr || asked.references.size() > 1) return fail(ErrorCode::invalid_argument, kNoMedian);
      return median_side(context, asked, named->reference.count, named->filter, *b);
    }
    auto run = find_run(context, named->reference, named->filter);
    if (!run) return fail(std::move(run.error()));
    const bool is_there = std::any_of(runs.begin(), runs.end(), [&](const auto& one) { return one.id == run->id; });
    if (!is_there) runs.push_back(std::move(*run));
  }
  if (runs.size() > 1) return side_of_named(context, asked.text, std::move(runs));
  return side_of(context, asked.text, std::move(runs));
}

// Takes in the nights before it, but none that the other side, which is older, may rest on.
Status pool_nights(const ApiContext& context, Side& side, const std::optional<store::PastRun>& other) {
  if (side.is_median || side.is_named) return {};
  auto nights = context.reader.pool_of(side.runs.front());
  if (!nights) return fail(std::move(nights.error()));
  const bool is_older = other && other->id != side.newest.id && other->created_at < side.newest.created_at;
  if (is_older) std::erase_if(*nights, [&](const auto& one) { return one.created_at <= other->created_at; });
  side.runs = std::move(*nights);
  return {};
}

// The runs that were asked for; the nights that are pooled with one of them are told apart.
void show_runs(Side& side) {
  const std::size_t named = side.is_median || side.is_named ? side.runs.size() : 1;
  for (std::size_t i = 0; i < named; ++i) side.shown.runs.push_back(side.runs[i].id);
  if (side.is_median) return;
  side.shown.nights = side.runs;
  if (side.runs.size() == 1) side.shown.nights.front().blocks = side.newest.blocks;
}

Result<std::vector<model::CellSummary>> cells_of(const ApiContext& context, const Side& side, const Side& other,
                                                 const store::CellFilter& which) {
  if (side.is_median) return context.reader.values_of(other.runs.front(), side.runs, which);
  if (side.runs.size() == 1) return context.reader.cells(side.runs.front(), which);
  return context.reader.pooled_cells(side.runs, which);
}

// Of a run that went on until these two cases were told apart; nothing: it did not, or an older stackdyno stored it.
Result<std::optional<wire::LastLook>> last_look(const ApiContext& context, const model::Run& run,
                                                const results::CasePair& pair) {
  const auto look = look_of_run(context, run);
  if (!look) return fail(look.error());
  if (!*look) return std::optional<wire::LastLook>();
  const results::CasePair& told = (*look)->pair;
  const bool is_asked = (pair.a == told.a && pair.b == told.b) || (pair.a == told.b && pair.b == told.a);
  if (!is_asked) return std::optional<wire::LastLook>();
  return std::optional(wire::LastLook{.blocks = (*look)->blocks, .most = (*look)->most});
}

// All that the answer is made of, of one side b.
Result<wire::Comparison> comparison_of(const ApiContext& context, const Request& request, const Asked& a,
                                       const Asked& b) {
  store::PastFilter filter{.profiles = request.parameters("profile"),
                           .schedules = request.parameters("schedule"),
                           .stacks = request.parameters("stack")};
  auto to = find_side(context, b, filter, nullptr);
  if (!to) return fail(std::move(to.error()), "b");
  if (filter.profiles.empty()) filter.profiles = {to->newest.request.profile};
  auto from = find_side(context, a, filter, &*to);
  if (!from) return fail(std::move(from.error()), "a");
  if (request.parameter("pool").value_or("nights") != "none") {
    const store::PastRun first_b = to->runs.front();
    const Status pooled_b = pool_nights(context, *to, from->runs.front());
    const Status pooled_a = pooled_b ? pool_nights(context, *from, first_b) : pooled_b;
    if (!pooled_a) return fail(pooled_a.error());
  }
  show_runs(*from);
  show_runs(*to);
  store::CellFilter which = cell_filter(request);
  const auto a_case = request.parameter("a_case");
  const auto b_case = request.parameter("b_case");
  if (b_case) which.cases = {std::string(*b_case)};
  auto cells_b = cells_of(context, *to, *from, which);
  if (!cells_b) return fail(std::move(cells_b.error()));
  if (a_case) which.cases = {std::string(*a_case)};
  auto cells_a = cells_of(context, *from, *to, which);
  if (!cells_a) return fail(std::move(cells_a.error()));
  keep_judged(*cells_b, which);
  from->shown.case_name = a_case.value_or("");
  to->shown.case_name = b_case.value_or("");
  const bool one_run = !from->is_median && from->shown.runs == to->shown.runs;
  results::Matching matching{.shared_blocks = one_run, .by_case = !(a_case && b_case)};
  std::optional<wire::LastLook> look;
  if (one_run && !matching.by_case && from->runs.size() == 1 && to->runs.size() == 1) {
    auto ended = last_look(context, to->newest, {from->shown.case_name, to->shown.case_name});
    if (!ended) return fail(std::move(ended.error()));
    look = *ended;
  }
  if (look) {
    results::keep_blocks(*cells_a, look->blocks);
    results::keep_blocks(*cells_b, look->blocks);
    matching = results::matching_at(look->blocks, look->most);
    look->confidence = 1 - 2 * matching.tail;
  }
  auto rows = results::compare_all(std::move(*cells_a), std::move(*cells_b), matching);
  results::StackPair pair;
  if (!matching.by_case && !rows.empty()) pair = {rows.front().a.stack, rows.front().b.stack};
  return wire::Comparison{std::move(from->shown), std::move(to->shown),
                          results::differences_of(from->newest, to->newest, pair), std::move(rows), look};
}

// One case against another takes two names.
std::optional<Problem> odd_cases(const Request& request) {
  const bool has_a = request.parameter("a_case").has_value();
  if (has_a == request.parameter("b_case").has_value()) return std::nullopt;
  return bad_parameter(has_a ? "b_case" : "a_case", "a_case and b_case are given together, or neither");
}

std::optional<Problem> odd_pool(const Request& request) {
  const auto pool = request.parameter("pool").value_or("nights");
  if (pool == "nights" || pool == "none") return std::nullopt;
  return bad_parameter("pool", "pool must be nights or none");
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
  const auto a = read_side("a", request.parameter("a").value_or(""));
  if (!a) return problem_answer(a.error(), request.id);
  std::vector<Asked> sides;
  for (const std::string& text : request.parameters("b")) {
    auto b = read_side("b", text);
    if (!b) return problem_answer(b.error(), request.id);
    for (const Reference& one : b->references) {
      if (one.kind == Reference::Kind::median) return problem_answer(bad_parameter("b", kNoMedian), request.id);
    }
    sides.push_back(std::move(*b));
  }
  if (sides.empty() || sides.size() > kMostSides)
    return problem_answer(
        bad_parameter("b", fmt::format("b must be {}, and may stand {} times", reference_forms(), kMostSides)),
        request.id);
  const auto metrics = metric_parameter(request);
  if (!metrics) return problem_answer(metrics.error(), request.id);
  if (const auto odd = odd_cases(request)) return problem_answer(*odd, request.id);
  if (const auto odd = odd_pool(request)) return problem_answer(*odd, request.id);
  std::vector<wire::Comparison> all;
  for (const Asked& b : sides) {
    auto comparison = comparison_of(context, request, *a, b);
    if (!comparison) return problem_answer(comparison.error(), request);
    if (comparison->rows.empty()) {
      return problem_answer(Problem{422,
                                    "nothing-in-common",
                                    "the two sides share no metric of a case and phase, or none that was asked for",
                                    {}},
                            request.id);
    }
    all.push_back(std::move(*comparison));
  }
  return rows_answer(
      request,
      [&] {
        return wire::comparison(all.front(), {all.begin() + 1, all.end()});
      },
      [&] {
        std::vector<results::Compared> rows;
        for (wire::Comparison& one : all) std::move(one.rows.begin(), one.rows.end(), std::back_inserter(rows));
        return tables::comparison(std::move(rows));
      });
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
