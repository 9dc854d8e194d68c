#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/wire.h"
#include "base/text.h"

namespace dyno::api {
namespace {

// The marks that If-Match names, to be compared once more where they are changed; nothing where the request has none.
tl::expected<std::optional<model::Marks>, Response> marks_before(const Request& request, const model::Run& run) {
  const auto known = request.header("if-match");
  if (!known) return std::optional<model::Marks>();
  const std::string version = "\"" + version_of(run.marks);
  const auto tags = split(*known, ',');
  const bool is_any = std::any_of(tags.begin(), tags.end(), [](std::string_view tag) { return trim(tag) == "*"; });
  if (is_any) return std::optional<model::Marks>();
  const bool is_same = std::any_of(tags.begin(), tags.end(), [&](std::string_view tag) {
    return trim(tag).substr(0, trim(tag).find('-')) == version;
  });
  if (is_same) return std::optional(run.marks);
  return tl::unexpected<Response>(
      problem_answer(Problem{412, "precondition-failed", "the run has been changed since", {}}, request.id));
}

}  // namespace

Response mark_run(const ApiContext& context, const Request& request, const PathValues& path) {
  if (!is_json(request))
    return problem_answer(Problem{415, "unsupported-media-type", "the body must be application/json", {}}, request.id);
  const auto change = wire::read_mark_change(request.body);
  if (!change) return problem_answer(change.error(), request.id);
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  const auto before = marks_before(request, *run);
  if (!before) return before.error();
  const Status marked = context.runs.mark(run->id, *change, *before);
  if (!marked && marked.error().code == ErrorCode::conflict)
    return problem_answer(Problem{412, "precondition-failed", "the run has been changed since", {}}, request.id);
  if (!marked) return problem_answer(marked.error(), request);
  return tagged_run_answer(context, run->id, request);
}

}  // namespace dyno::api
