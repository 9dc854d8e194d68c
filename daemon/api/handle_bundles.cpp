#include <fmt/format.h>

#include <memory>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/wire.h"
#include "base/id.h"

namespace dyno::api {
namespace {

// What is wrong with what was sent is said as 422, and what does not fit to what is here as 409.
Response import_answer(const ApiContext& context, const Request& request, const std::string& id) {
  const auto imported = context.bundles.finish(id);
  if (!imported && imported.error().code == ErrorCode::invalid_argument)
    return problem_answer(Problem{422, "invalid-bundle", imported.error().message, {}}, request.id);
  if (!imported) return problem_answer(imported.error(), request);
  Response answer = run_answer(context, imported->run_id, request, imported->repeated ? 200 : 201);
  if (answer.status == 201) answer.headers.emplace_back("Location", "/api/v1/runs/" + imported->run_id);
  return answer;
}

}  // namespace

Response export_run(const ApiContext& context, const Request& request, const PathValues& path) {
  auto opened = context.bundles.open(path.at(0));
  if (!opened) return problem_answer(opened.error(), request);
  const std::shared_ptr<store::Export> left = std::move(*opened);  // its owner; a function is copied with what it holds
  Response answer;
  answer.content_type = "application/vnd.stackdyno.bundle";
  answer.headers.emplace_back("Content-Disposition",
                              fmt::format("attachment; filename=\"{}.stackdyno\"", short_id(path.at(0))));
  // One that breaks off has no last line, which whoever reads it finds.
  answer.pieces = [left] { return left->next().value_or(std::nullopt); };
  return answer;
}

Response finish_import(const ApiContext& context, const Request& request, const PathValues& path) {
  return import_answer(context, request, path.at(0));
}

}  // namespace dyno::api
