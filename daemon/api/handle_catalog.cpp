#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/tables.h"
#include "api/wire.h"
#include "base/text.h"
#include "stackfile/files.h"
#include "stackfile/read_yaml.h"

namespace dyno::api {
namespace {

template <class T>
const T* find_named(const std::vector<T>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// A name that stands for nothing: its file is told with all that is wrong with it, where there is one.
template <class T>
Response missing(const CatalogView& catalog, const std::vector<T>& all, std::string_view what, std::string_view name,
                 const Request& request) {
  if (const FaultyFile* const file = catalog.find_faulty(what, name))
    return problem_answer(problem_of(file->problems, file->problems.front().file), request.id);
  std::vector<std::string_view> names;
  names.reserve(all.size());
  for (const T& one : all) names.push_back(one.name);
  const std::string words = fmt::format("no {} is named \"{}\"{}", what, visible(name, 60), did_you_mean(name, names));
  return problem_answer(Error{ErrorCode::not_found, words}, request);
}

template <class T>
Response judge(const stackfile::Parsed<T>& parsed, std::string_view kind, const std::string& file,
               const Request& request) {
  if (!parsed.value) return problem_answer(problem_of(parsed.problems, file), request.id);
  return json_answer(wire::validated(kind, parsed.value->name));
}

}  // namespace

Response list_stacks(const ApiContext& context, const Request& request, const PathValues&) {
  const auto catalog = context.catalog.current();
  return rows_answer(
      request, [&] { return wire::stacks(*catalog); }, [&] { return tables::stacks(catalog->stacks); });
}

Response show_stack(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto catalog = context.catalog.current();
  const model::Stack* const stack = find_named(catalog->stacks, path.at(0));
  if (stack == nullptr) return missing(*catalog, catalog->stacks, "stack", path.at(0), request);
  const auto image = context.reader.last_image(stack->name);
  if (!image) return problem_answer(image.error(), request);
  return json_answer(wire::stack(*stack, *image));
}

Response rescan(const ApiContext& context, const Request&, const PathValues&) {
  return json_answer(wire::stacks(*context.catalog.rescan()));
}

Response list_profiles(const ApiContext& context, const Request& request, const PathValues&) {
  const auto catalog = context.catalog.current();
  return rows_answer(
      request, [&] { return wire::profiles(*catalog); }, [&] { return tables::profiles(catalog->profiles); });
}

Response show_profile(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto catalog = context.catalog.current();
  const model::Profile* const profile = find_named(catalog->profiles, path.at(0));
  if (profile == nullptr) return missing(*catalog, catalog->profiles, "profile", path.at(0), request);
  return json_answer(wire::profile(*profile));
}

bool is_yaml(const Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  const std::string_view essence = trim(type.substr(0, type.find(';')));
  return essence == "application/yaml" || essence == "application/x-yaml" || essence == "text/yaml";
}

Response validate_file(const ApiContext&, const Request& request, const PathValues&) {
  if (!is_yaml(request))
    return problem_answer(Problem{415, "unsupported-media-type", "the body must be application/yaml", {}}, request.id);
  if (request.body.size() > stackfile::kMaxFileBytes)
    return problem_answer(Problem{413, "body-too-large", "a file has at most 256 KiB", {}}, request.id);
  constexpr std::array<std::string_view, 5> kKinds{"stack", "profile", "schedule", "service", "workload"};
  const std::string_view kind = request.parameter("kind").value_or("stack");
  const std::string file(request.parameter("file").value_or(fmt::format("{}.yaml", kind)));
  if (kind == "stack") return judge(stackfile::parse_stack(request.body, file), kind, file, request);
  if (kind == "profile") return judge(stackfile::parse_profile(request.body, file), kind, file, request);
  if (kind == "schedule") return judge(stackfile::parse_schedule(request.body, file), kind, file, request);
  if (kind == "service") return judge(stackfile::parse_service(request.body, file), kind, file, request);
  if (kind == "workload") {
    const auto parsed = stackfile::parse_workloads(request.body, file);
    if (!parsed.value) return problem_answer(problem_of(parsed.problems, file), request.id);
    return json_answer(wire::validated(kind, file.substr(0, file.rfind('.'))));
  }
  Problem problem{400,
                  "invalid-parameter",
                  fmt::format("kind is stack, profile, schedule, service or workload{}", did_you_mean(kind, kKinds)),
                  {}};
  return problem_answer(problem, request.id);
}

}  // namespace dyno::api
