#include <yaml-cpp/yaml.h>

#include "runners/load/request_file.h"

namespace dyno::loadgen {
namespace {

int line_of(const YAML::Mark& mark) { return mark.is_null() ? 0 : mark.line + 1; }

// A request has headers, and those may have several values: nothing lies deeper, whatever an alias may hold.
FileValue value_of(const YAML::Node& node, int depth = 0) {
  FileValue value;
  value.line = line_of(node.Mark());
  if (node.IsScalar()) {
    value.kind = FileValue::Kind::text;
    value.text = node.Scalar();
  } else if (node.IsSequence() || node.IsMap()) {
    value.kind = node.IsMap() ? FileValue::Kind::map : FileValue::Kind::list;
    if (depth == 4) return value;
    for (const auto& one : node) {
      if (!node.IsMap()) value.entries.emplace_back("", value_of(one, depth + 1));
      else value.entries.emplace_back(one.first.IsScalar() ? one.first.Scalar() : "", value_of(one.second, depth + 1));
    }
  }
  return value;
}

}  // namespace

FileValues read_yaml_list(std::string_view text) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (!root.IsSequence()) return tl::unexpected(FileFaultAt{1, "not a list of requests: each begins with \"- \""});
    FileValue list = value_of(root);
    std::vector<FileValue> values;
    values.reserve(list.entries.size());
    for (auto& [unnamed, one] : list.entries) values.push_back(std::move(one));
    return values;
  } catch (const YAML::Exception& error) {
    return tl::unexpected(FileFaultAt{line_of(error.mark), error.msg});
  }
}

}  // namespace dyno::loadgen
