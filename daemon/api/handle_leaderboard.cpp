#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/pool.h"
#include "api/tables.h"
#include "api/wire.h"
#include "model/metric.h"
#include "results/board.h"

namespace dyno::api {
namespace {

using model::MetricName;
using results::BoardRow;

// Without a metric each phase is told by its headline: throughput of a closed loop, latency of an open one, delivery where messages are delivered.
const std::vector<std::string> kHeadlines{"throughput_per_s", "latency_p99_ns", "delivery_p99_ns"};

bool is_headline(const std::string& phase, MetricName metric) {
  if (metric == MetricName::throughput_per_s) return !results::is_open(phase);
  return metric != MetricName::latency_p99_ns || results::is_open(phase);
}

store::CellFilter ranked_cells(const Request& request) {
  store::CellFilter filter{request.parameters("stack"), request.parameters("case"), request.parameters("phase"),
                           request.parameters("metric")};
  if (filter.metrics.empty()) filter.metrics = kHeadlines;
  return filter;
}

std::optional<Problem> metric_without_order(const Wanted& metrics) {
  for (const std::string& name : metrics) {
    const auto metric = model::parse_enum<MetricName>(name);
    if (metric && model::metric_of(*metric).better == model::Better::neither)
      return bad_parameter("metric", fmt::format("of {} more is neither better nor worse: it has no order", name));
  }
  return std::nullopt;
}

// What is wrong with a filter whose words are known: a misspelt one would leave an empty board, which reads like "nothing was measured".
std::optional<Problem> unknown_filter(const Request& request) {
  if (auto classes = enum_parameters<model::StackClass>(request, "class"); !classes) return std::move(classes.error());
  if (auto words = enum_parameters<model::Validity>(request, "validity"); !words) return std::move(words.error());
  if (auto bounds = enum_parameters<model::Bound>(request, "bound"); !bounds) return std::move(bounds.error());
  return std::nullopt;
}

Result<store::PastRun> find_past(const ApiContext& context, const std::string& id) {
  const auto runs = context.reader.past_runs({.id = id});
  if (!runs) return fail(runs.error());
  if (!runs->empty()) return runs->front();
  const auto run = context.reader.run(id);
  if (!run) return fail(run.error());
  return fail(ErrorCode::conflict, fmt::format("run {} has no results yet", id));
}

// What is ranked, and the newest run of it.
struct Standings {
  std::vector<store::NewestCells> parts;
  model::Run newest;
};

std::map<std::string, store::ShownStack> stacks_of(const model::Run& run) {
  std::map<std::string, store::ShownStack> all;
  for (const model::RunStack& stack : run.stacks) all[stack.name] = {stack.title, stack.runtime, stack.stack_class};
  return all;
}

// Runs that were named: one with the nights before it, or exactly these.
Result<Standings> of_runs(const ApiContext& context, const std::vector<std::string>& ids, bool is_pooled,
                          const store::CellFilter& cells) {
  std::vector<store::PastRun> runs;
  for (const std::string& id : ids) {
    auto run = find_past(context, id);
    if (!run) return fail(std::move(run.error()));
    runs.push_back(std::move(*run));
  }
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
  auto newest = context.reader.run(runs.front().id);
  if (!newest) return fail(std::move(newest.error()));
  for (store::PastRun& one : runs) {
    const auto run = context.reader.run(one.id);
    if (!run) return fail(run.error());
    if (run->environment.key != newest->environment.key || run->profile_hash != newest->profile_hash)
      return fail(ErrorCode::conflict,
                  fmt::format("run {} was measured in another environment or with another profile than run {}: they "
                              "cannot be pooled",
                              one.id, newest->id));
    one.blocks = run->blocks;
  }
  if (is_pooled && runs.size() == 1) {
    auto nights = context.reader.pool_of(runs.front());
    if (!nights) return fail(std::move(nights.error()));
    runs = std::move(*nights);
  }
  auto found = context.reader.pooled_cells(runs, cells);
  if (!found) return fail(std::move(found.error()));
  Standings all{{}, std::move(*newest)};
  all.parts.push_back({std::move(runs), stacks_of(all.newest), std::move(*found)});
  return all;
}

// The newest valid summaries of the profile and environment of the newest run that counts.
Result<Standings> of_all(const ApiContext& context, const Request& request, bool is_pooled,
                         const store::CellFilter& cells) {
  const store::PastFilter filter{
      .profiles = request.parameters("profile"), .schedules = request.parameters("schedule"), .stacks = cells.stacks};
  const auto runs = context.reader.past_runs(filter);
  if (!runs) return fail(runs.error());
  if (runs->empty()) return fail(ErrorCode::not_found, "no run with results matches");
  auto newest = context.reader.run(runs->front().id);
  if (!newest) return fail(std::move(newest.error()));
  auto parts = context.reader.newest_cells(
      {newest->request.profile, newest->environment.key, filter.schedules, cells, is_pooled});
  if (!parts) return fail(std::move(parts.error()));
  return Standings{std::move(*parts), std::move(*newest)};
}

bool is_wanted(const Request& request, const BoardRow& row) {
  return passes(request.parameters("language"), row.who.language) &&
         passes(request.parameters("class"), row.who.stack_class) &&
         passes(request.parameters("mode"), results::mode_of(row.who.case_name)) &&
         passes(request.parameters("validity"), model::to_string(row.summary.validity)) &&
         passes(request.parameters("bound"), model::to_string(row.summary.bound));
}

results::Contender contender_of(const store::NewestCells& part, const model::CellSummary& cell) {
  results::Contender who{cell.summary.case_name,      cell.stack, cell.stack, "", "", part.runs.front().id,
                         part.runs.front().created_at};
  const auto stack = part.stacks.find(cell.stack);
  if (stack == part.stacks.end()) return who;
  if (!stack->second.title.empty()) who.title = stack->second.title;
  who.language = stack->second.language;
  who.stack_class = stack->second.stack_class;
  return who;
}

// By phase and metric, in the order in which the cells come.
std::vector<results::Board> boards_of(const Request& request, std::vector<store::NewestCells>& parts) {
  const Wanted workloads = request.parameters("workload");
  const Wanted classes = request.parameters("class");
  const bool by_headline = request.parameters("metric").empty();
  std::vector<std::pair<std::string, MetricName>> order;
  std::map<std::pair<std::string, MetricName>, std::vector<BoardRow>> rows;
  for (store::NewestCells& part : parts) {
    for (model::CellSummary& cell : part.cells) {
      const std::pair place(cell.summary.phase, cell.summary.metric);
      if (!passes(workloads, results::workload_of(place.first))) continue;
      if (by_headline && !is_headline(place.first, place.second)) continue;
      BoardRow row;
      row.who = contender_of(part, cell);
      row.summary = std::move(cell.summary);
      if (!is_wanted(request, row)) continue;
      if (!rows.contains(place)) order.push_back(place);
      rows[place].push_back(std::move(row));
    }
  }
  const bool with_tuned = std::find(classes.begin(), classes.end(), "tuned") != classes.end();
  std::vector<results::Board> boards;
  boards.reserve(order.size());
  for (const auto& place : order)
    boards.push_back(results::board_of(place.first, place.second, std::move(rows[place]), with_tuned));
  return boards;
}

std::vector<results::Board> overall_of(const Request& request, const std::vector<results::Board>& boards) {
  const Wanted classes = request.parameters("class");
  const bool with_tuned = std::find(classes.begin(), classes.end(), "tuned") != classes.end();
  std::set<MetricName> metrics;
  for (const results::Board& board : boards) metrics.insert(board.metric);
  std::vector<results::Board> all;
  for (const MetricName metric : metrics) {
    if (auto one = results::overall_of(boards, metric, with_tuned)) all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace

Response show_leaderboard(const ApiContext& context, const Request& request, const PathValues&) {
  const auto metrics = metric_parameter(request);
  if (!metrics) return problem_answer(metrics.error(), request.id);
  if (const auto odd = metric_without_order(*metrics)) return problem_answer(*odd, request.id);
  if (const auto odd = unknown_filter(request)) return problem_answer(*odd, request.id);
  const auto pool = request.parameter("pool").value_or("nights");
  if (pool != "nights" && pool != "none")
    return problem_answer(bad_parameter("pool", "pool must be nights or none"), request.id);
  const auto ids = request.parameters("run");
  const store::CellFilter cells = ranked_cells(request);
  auto found =
      ids.empty() ? of_all(context, request, pool == "nights", cells) : of_runs(context, ids, pool == "nights", cells);
  if (!found) return problem_answer(found.error(), request);
  wire::Leaderboard all;
  all.profile = found->newest.request.profile;
  all.environment_key = found->newest.environment.key;
  all.at = found->newest.created_at;
  if (found->parts.size() == 1) all.pool = pool_view(context, found->parts.front().runs, found->newest);
  all.boards = boards_of(request, found->parts);
  all.overall = overall_of(request, all.boards);
  return rows_answer(
      request, [&] { return wire::leaderboard(all); }, [&] { return tables::leaderboard(std::move(all)); });
}

}  // namespace dyno::api
