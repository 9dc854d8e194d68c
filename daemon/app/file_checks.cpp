#include "app/file_checks.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "record/record.h"
#include "stackfile/files.h"
#include "stackfile/parts.h"
#include "stackfile/read_yaml.h"
#include "stackfile/stack_folder.h"

namespace dyno::app {
namespace {

// What the catalog adds to what a file says.
void take_place(const model::Stack&, model::Stack& now) { stackfile::adopt_inner_services(now); }
void take_place(const model::Service& accepted, model::Service& now) {
  if (accepted.name.ends_with("." + now.name)) now.name = accepted.name;
}

// The value that the file has now; nothing: it is not there or has problems. An error: nobody could tell.
template <class T, class Parse>
Result<std::optional<T>> read_now(const T& accepted, const std::string& file, Parse parse) {
  const auto text = read_file(file, stackfile::kMaxFileBytes);
  if (!text && text.error().fault == FileFault::missing) return std::nullopt;
  if (!text) return fail(text.error().error(), "unreadable");
  std::optional<T> now = parse(*text, file).value;
  if (now) now->folder = accepted.folder;
  if (now) take_place(accepted, *now);
  return now;
}

template <class T>
Status same_content(const T& accepted, const std::optional<T>& now, const std::string& file) {
  if (now) {
    const auto before = record::content_of(accepted);
    const auto after = record::content_of(*now);
    if (before && after && *before == *after) return {};
  }
  return fail(ErrorCode::conflict,
              fmt::format("changed: {} is not what this run was accepted with; run `dyno stack rescan`, then start the "
                          "run again",
                          file));
}

// A folder that came over REST has a name of ours.
stackfile::Parsed<model::Stack> parse_as(const model::Stack& accepted, std::string_view text, const std::string& file) {
  const std::filesystem::path path(file);
  const auto files = stackfile::stack_files(accepted.folder);
  if (!stackfile::parse_upload_folder_name(path.parent_path().filename().string()))
    return stackfile::parse_stack(text, file, files);
  auto parsed = stackfile::parse_stack(text, path.filename().string(), files);
  if (parsed.value) stackfile::name_uploaded(*parsed.value, accepted.name);
  return parsed;
}

Status check_stack(const model::Stack& accepted) {
  const std::string file = accepted.folder + "/" + stackfile::stack_file_in(accepted.folder);
  auto now = read_now(accepted, file,
                      [&](std::string_view text, const std::string& named) { return parse_as(accepted, text, named); });
  if (!now) return fail(std::move(now.error()));
  if (*now && !accepted.variant_of.empty()) {
    const std::vector<model::Stack> all = stackfile::variants(**now);
    now->reset();
    for (const model::Stack& variant : all) {
      if (variant.name == accepted.name) *now = variant;
    }
  }
  return same_content(accepted, *now, file);
}

Status check_service(const model::Service& accepted) {
  const std::string file = accepted.folder + "/service.yaml";
  auto now = read_now(accepted, file, stackfile::parse_service);
  if (!now) return fail(std::move(now.error()));
  return same_content(accepted, *now, file);
}

}  // namespace

run::FileChecks file_checks() { return {.stack = check_stack, .service = check_service}; }

}  // namespace dyno::app
