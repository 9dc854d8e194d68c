#include "stackfile/check_root.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"

namespace dyno::stackfile {
namespace {

void check_name(const Node& root, const std::string& wanted, std::string_view of, ProblemList& problems) {
  const Node* const name = find(root, "name");
  if (wanted.empty() || name == nullptr || name->kind != NodeKind::scalar || name->text == wanted ||
      problems.has_below("/name"))
    return;
  problems.add(name->mark, "/name", "wrong_name",
               fmt::format("name is {}; it must equal the {}, {}", name->text, of, visible(wanted, 60)));
}

}  // namespace

void check_schema_first(const Node& root, ProblemList& problems) {
  if (root.keys.empty() || root.keys.front().text == "schema" || find(root, "schema") == nullptr) return;
  problems.add(root.keys.front().mark, "/schema", "wrong_order", "schema must be the first key");
}

void check_name_is_folder(const Node& root, const std::string& file, ProblemList& problems) {
  check_name(root, std::filesystem::path(file).parent_path().filename().string(), "folder", problems);
}

void check_name_is_stem(const Node& root, const std::string& file, ProblemList& problems) {
  check_name(root, std::filesystem::path(file).stem().string(), "file", problems);
}

}  // namespace dyno::stackfile
