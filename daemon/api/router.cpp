#include "api/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>

#include "api/answers.h"
#include "base/text.h"

namespace dyno::api {
namespace {

std::optional<PathValues> match(std::string_view pattern, std::span<const std::string> segments) {
  // The root of the API has been /api/v1/ and is /api/v1, which linters ask for.
  if (pattern == "/api/v1" && segments.size() == 3 && segments.back().empty()) segments = segments.first(2);
  const auto parts = split(pattern.substr(1), '/');
  if (parts.size() != segments.size()) return std::nullopt;
  PathValues values;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].starts_with('{')) {
      if (segments[i].empty()) return std::nullopt;
      values.push_back(segments[i]);
    } else if (parts[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return values;
}

std::optional<Problem> check_parameters(const Route& route, const Request& request) {
  Problem problem{400, "unknown-parameter", "", {}};
  std::vector<std::string_view> known;
  for (const Parameter& parameter : route.parameters) known.push_back(parameter.name);
  std::set<std::string_view> seen;
  for (const auto& pair : request.query) {
    if (is_full(problem.faults)) break;
    const std::string& name = pair.first;
    const auto parameter = std::find_if(route.parameters.begin(), route.parameters.end(),
                                        [&](const Parameter& p) { return p.name == name; });
    Fault fault;
    fault.parameter = visible(name, 60);
    if (parameter == route.parameters.end()) {
      fault.code = "unknown_key";
      fault.detail = fmt::format("unknown parameter \"{}\"{}", fault.parameter, did_you_mean(name, known));
      add_fault(problem.faults, std::move(fault));
    } else if (!parameter->repeatable && seen.contains(name)) {
      fault.code = "duplicate_key";
      fault.detail = fmt::format("parameter \"{}\" stands twice", fault.parameter);
      add_fault(problem.faults, std::move(fault));
    }
    seen.insert(name);
  }
  if (problem.faults.empty()) return std::nullopt;
  problem.detail = problem.faults.front().detail;
  return problem;
}

// `methods`: those that the path has.
Response wrong_method(const Request& request, std::vector<std::string_view> methods) {
  if (std::find(methods.begin(), methods.end(), "GET") != methods.end()) methods.emplace_back("HEAD");
  Response answer =
      problem_answer(Problem{405, "method-not-allowed", "this path does not support that method", {}}, request.id);
  answer.headers.emplace_back("Allow", fmt::format("{}", fmt::join(methods, ", ")));
  return answer;
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

bool Router::knows(const Request& request) const {
  return std::any_of(routes_.begin(), routes_.end(),
                     [&](const Route& route) { return match(route.path, request.segments).has_value(); });
}

Response Router::route(const ApiContext& context, const Request& request) const {
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  std::vector<std::string_view> methods;
  for (const Route& route : routes_) {
    const auto values = match(route.path, request.segments);
    if (!values) continue;
    if (route.method == method) {
      if (const auto problem = check_parameters(route, request)) return problem_answer(*problem, request.id);
      // Before the work, not after it.
      if (route.is_rows) {
        if (const auto form = form_of(request); !form) return problem_answer(form.error(), request.id);
      }
      return route.handler(context, request, *values);
    }
    methods.push_back(route.method);
  }
  if (!methods.empty()) return wrong_method(request, std::move(methods));
  return problem_answer(Problem{404, "not-found", "there is nothing under this path", {}}, request.id);
}

}  // namespace dyno::api
