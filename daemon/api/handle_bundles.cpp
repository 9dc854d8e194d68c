#include <fmt/format.h>

#include <memory>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/wire.h"
#include "base/id.h"
#include "base/text.h"

namespace dyno::api {
namespace {

// Bytes, or JSON that would be taken for them by mistake.
bool is_bytes(const Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  return trim(type.substr(0, type.find(';'))) == "application/octet-stream";
}

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

Response begin_import(const ApiContext& context, const Request& request, const PathValues&) {
  const auto id = context.bundles.begin();
  if (!id) return problem_answer(id.error(), request);
  Response answer = json_answer(wire::upload(*id, 0), 201);
  answer.headers.emplace_back("Location", "/api/v1/imports/" + *id);
  return answer;
}

Response get_import(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto bytes = context.bundles.size(path.at(0));
  if (!bytes) return problem_answer(bytes.error(), request);
  return json_answer(wire::upload(path.at(0), *bytes));
}

Response append_import(const ApiContext& context, const Request& request, const PathValues& path) {
  if (!is_bytes(request))
    return problem_answer(Problem{415, "unsupported-media-type", "the body must be application/octet-stream", {}},
                          request.id);
  const auto text = request.parameter("offset");
  const auto offset = text ? parse_int(*text) : std::nullopt;
  if (!offset || *offset < 0)
    return problem_answer(bad_parameter("offset", "offset is the number of bytes before this piece"), request.id);
  const auto bytes = context.bundles.append(path.at(0), static_cast<std::uint64_t>(*offset), request.body);
  if (!bytes) return problem_answer(bytes.error(), request);
  return json_answer(wire::upload(path.at(0), *bytes));
}

Response finish_import(const ApiContext& context, const Request& request, const PathValues& path) {
  return import_answer(context, request, path.at(0));
}

Response drop_import(const ApiContext& context, const Request& request, const PathValues& path) {
  if (const Status dropped = context.bundles.drop(path.at(0)); !dropped)
    return problem_answer(dropped.error(), request);
  Response answer;
  answer.status = 204;
  return answer;
}

}  // namespace dyno::api
