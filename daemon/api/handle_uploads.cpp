// Files that come in pieces: bundles of runs, and folders of stacks.
#include <fmt/format.h>

#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/wire.h"
#include "base/encoding.h"
#include "base/text.h"
#include "stackfile/shape.h"

namespace dyno::api {
namespace {

constexpr std::string_view kImports = "/api/v1/imports/";
constexpr std::string_view kFolders = "/api/v1/folders/";

// Bytes, or JSON that would be taken for them by mistake.
bool is_bytes(const Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  return trim(type.substr(0, type.find(';'))) == "application/octet-stream";
}

Response begin_upload(const UploadCalls& calls, std::string_view place, const Request& request) {
  const auto id = calls.begin();
  if (!id) return problem_answer(id.error(), request);
  Response answer = json_answer(wire::upload(*id, 0), 201);
  answer.headers.emplace_back("Location", std::string(place) + *id);
  return answer;
}

Response get_upload(const UploadCalls& calls, const Request& request, const PathValues& path) {
  const auto bytes = calls.size(path.at(0));
  if (!bytes) return problem_answer(bytes.error(), request);
  return json_answer(wire::upload(path.at(0), *bytes));
}

Response append_upload(const UploadCalls& calls, const Request& request, const PathValues& path) {
  if (!is_bytes(request))
    return problem_answer(Problem{415, "unsupported-media-type", "the body must be application/octet-stream", {}},
                          request.id);
  const auto text = request.parameter("offset");
  const auto offset = text ? parse_int(*text) : std::nullopt;
  if (!offset || *offset < 0)
    return problem_answer(bad_parameter("offset", "offset is the number of bytes before this piece"), request.id);
  const auto bytes = calls.append(path.at(0), static_cast<std::uint64_t>(*offset), request.body);
  if (!bytes) return problem_answer(bytes.error(), request);
  return json_answer(wire::upload(path.at(0), *bytes));
}

Response drop_upload(const UploadCalls& calls, const Request& request, const PathValues& path) {
  if (const Status dropped = calls.drop(path.at(0)); !dropped) return problem_answer(dropped.error(), request);
  Response answer;
  answer.status = 204;
  return answer;
}

}  // namespace

Response begin_import(const ApiContext& context, const Request& request, const PathValues&) {
  return begin_upload(context.bundles.pieces, kImports, request);
}
Response get_import(const ApiContext& context, const Request& request, const PathValues& path) {
  return get_upload(context.bundles.pieces, request, path);
}
Response append_import(const ApiContext& context, const Request& request, const PathValues& path) {
  return append_upload(context.bundles.pieces, request, path);
}
Response drop_import(const ApiContext& context, const Request& request, const PathValues& path) {
  return drop_upload(context.bundles.pieces, request, path);
}

Response begin_folder(const ApiContext& context, const Request& request, const PathValues&) {
  return begin_upload(context.folders.pieces, kFolders, request);
}
Response get_folder(const ApiContext& context, const Request& request, const PathValues& path) {
  return get_upload(context.folders.pieces, request, path);
}
Response append_folder(const ApiContext& context, const Request& request, const PathValues& path) {
  return append_upload(context.folders.pieces, request, path);
}
Response drop_folder(const ApiContext& context, const Request& request, const PathValues& path) {
  return drop_upload(context.folders.pieces, request, path);
}

Response finish_folder(const ApiContext& context, const Request& request, const PathValues& path) {
  const std::string name(request.parameter("name").value_or(""));
  if (!name.empty() && !stackfile::kName.matches(name) && !stackfile::kVariantName.matches(name)) {
    return problem_answer(
        bad_parameter("name", fmt::format("name {}, or of two sides of one: orders@main", stackfile::kName.words)),
        request.id);
  }
  const auto kept = context.folders.finish(path.at(0), name);
  if (!kept && kept.error().code == ErrorCode::invalid_argument)
    return problem_answer(Problem{422, "invalid-folder", kept.error().message, {}}, request.id);
  if (!kept) return problem_answer(kept.error(), request);
  if (!kept->problems.empty()) return problem_answer(problem_of(kept->problems, "the folder"), request.id);
  const auto catalog = context.catalog.current();
  const auto stack = std::find_if(catalog->stacks.begin(), catalog->stacks.end(),
                                  [&](const model::Stack& one) { return one.name == kept->name; });
  if (stack == catalog->stacks.end())
    return problem_answer(Error{ErrorCode::conflict, fmt::format("{} was removed again", kept->name)}, request);
  Response answer = json_answer(wire::stack(*stack, std::nullopt), kept->was_there ? 200 : 201);
  answer.headers.emplace_back("Location", "/api/v1/stacks/" + percent_encoded(kept->name));
  return answer;
}

}  // namespace dyno::api
