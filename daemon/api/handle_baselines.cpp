#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/reference.h"
#include "api/tables.h"
#include "api/wire.h"
#include "base/sha256.h"
#include "base/text.h"

namespace dyno::api {
namespace {

std::string tag_of(const std::string& body) { return "\"" + sha256_hex(body).substr(0, 32); }

Response baseline_answer(const model::Baseline& baseline, int status) {
  Response answer = json_answer(wire::baseline(baseline), status);
  answer.headers.emplace_back("ETag", tag_of(answer.body) + "\"");
  if (status == 201) answer.headers.emplace_back("Location", "/api/v1/baselines/" + baseline.name);
  return answer;
}

Response not_there(const Request& request, const std::string& name) {
  return problem_answer(Error{ErrorCode::not_found, fmt::format("there is no baseline \"{}\"", name)}, request);
}

// Why it may not be replaced or removed by this request.
std::optional<Response> unless_known(const Request& request, const model::Baseline& baseline) {
  const auto known = request.header("if-match");
  if (!known)
    return problem_answer(Problem{428, "precondition-required", "send the ETag of the baseline as If-Match", {}},
                          request.id);
  const std::string tag = tag_of(wire::baseline(baseline));
  const auto tags = split(*known, ',');
  // What packs an answer marks its tag, behind that of the content.
  const bool is_same = std::any_of(
      tags.begin(), tags.end(), [&](std::string_view one) { return trim(one) == "*" || trim(one).starts_with(tag); });
  if (is_same) return std::nullopt;
  return problem_answer(Problem{412, "precondition-failed", "the baseline has been changed since", {}}, request.id);
}

Response refused(const Error& error, const Request& request) {
  if (error.code == ErrorCode::conflict)
    return problem_answer(Problem{412, "precondition-failed", error.message, {}}, request.id);
  return problem_answer(error, request);
}

// What is wrong with what it refers to, beside the grammar.
std::optional<Problem> odd_reference(const ApiContext& context, const std::string& ref) {
  const auto bad = [](std::string words) {
    Fault fault;
    fault.detail = words;
    fault.code = "out_of_range";
    fault.pointer = "/ref";
    return Problem{422, "invalid-request", std::move(words), {std::move(fault)}};
  };
  const auto reference = parse_reference(ref);
  if (!reference) return bad("ref must be " + reference_forms());
  if (reference->kind == Reference::Kind::baseline) return bad("a baseline cannot stand for another one");
  if (reference->kind != Reference::Kind::run) return std::nullopt;
  const auto runs = context.reader.past_runs({.id = reference->id});
  if (!runs) return problem_of(runs.error());
  if (runs->empty()) return bad(fmt::format("there is no run {} with results", reference->id));
  return std::nullopt;
}

}  // namespace

Response list_baselines(const ApiContext& context, const Request& request, const PathValues&) {
  auto all = context.baselines.all();
  if (!all) return problem_answer(all.error(), request);
  return rows_answer(
      request, [&] { return wire::baselines(*all); }, [&] { return tables::baselines(std::move(*all)); });
}

Response show_baseline(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto found = context.baselines.find(path.at(0));
  if (!found) return problem_answer(found.error(), request);
  return *found ? baseline_answer(**found, 200) : not_there(request, path.at(0));
}

Response put_baseline(const ApiContext& context, const Request& request, const PathValues& path) {
  if (!is_json(request))
    return problem_answer(Problem{415, "unsupported-media-type", "the body must be application/json", {}}, request.id);
  if (!is_baseline_name(path.at(0)))
    return problem_answer(
        Problem{422,
                "invalid-request",
                "the name of a baseline has 1 to 40 of a-z 0-9 . _ - and begins with a letter or digit",
                {}},
        request.id);
  auto wanted = wire::read_baseline(request.body);
  if (!wanted) return problem_answer(wanted.error(), request.id);
  wanted->name = path.at(0);
  if (const auto odd = odd_reference(context, wanted->ref)) return problem_answer(*odd, request.id);
  const auto before = context.baselines.find(path.at(0));
  if (!before) return problem_answer(before.error(), request);
  if (*before) {
    if (auto unknown = unless_known(request, **before)) return std::move(*unknown);
  } else if (request.header("if-match")) {
    return problem_answer(Problem{412, "precondition-failed", "there is no such baseline any more", {}}, request.id);
  }
  const Status stored = context.baselines.put(*wanted, *before);
  if (!stored) return refused(stored.error(), request);
  const auto now = context.baselines.find(path.at(0));
  if (!now) return problem_answer(now.error(), request);
  return *now ? baseline_answer(**now, *before ? 200 : 201) : not_there(request, path.at(0));
}

Response remove_baseline(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto before = context.baselines.find(path.at(0));
  if (!before) return problem_answer(before.error(), request);
  if (!*before) return not_there(request, path.at(0));
  if (auto unknown = unless_known(request, **before)) return std::move(*unknown);
  const Status removed = context.baselines.remove(**before);
  if (!removed) return refused(removed.error(), request);
  Response answer;
  answer.status = 204;
  return answer;
}

}  // namespace dyno::api
