#include <yaml-cpp/yaml.h>

#include "base/encoding.h"
#include "runners/load/request_file.h"
#include "runners/load/rules/json_scan.h"

namespace dyno::loadgen {
namespace {

int line_of(const YAML::Mark& mark) { return mark.is_null() ? 0 : mark.line + 1; }

// The steps of a session, what they expect, and of a JSON value what is asked, which may be JSON itself.
constexpr int kMostDepth = 16;
constexpr int kMostValues = 1'000'000;  // an alias may hold others, and those others again

// What is plain and reads as a number or a word of JSON is one.
std::string json_of(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return json_text(text);
  const auto value = whole_json(text);
  const bool is_itself =
      value && value->type != JsonType::string && value->entries == 0 && text.front() != '[' && text.front() != '{';
  return is_itself ? text : json_text(text);
}

class YamlValues {
 public:
  bool were_too_many() const { return left_ == 0; }

  FileValue read(const YAML::Node& node, int depth = 0) {
    FileValue value;
    value.line = line_of(node.Mark());
    value.json = "null";
    if (left_ > 0) --left_;
    if (node.IsScalar()) {
      value.kind = FileValue::Kind::text;
      value.text = node.Scalar();
      value.json = json_of(node);
    } else if (node.IsSequence() || node.IsMap()) {
      value.kind = node.IsMap() ? FileValue::Kind::map : FileValue::Kind::list;
      if (depth < kMostDepth) read_entries(node, depth, value);
      value.json = json_of_entries(value);
    }
    return value;
  }

 private:
  void read_entries(const YAML::Node& node, int depth, FileValue& value) {
    for (const auto& one : node) {
      if (left_ == 0) return;
      if (!node.IsMap()) value.entries.emplace_back("", read(one, depth + 1));
      else value.entries.emplace_back(one.first.IsScalar() ? one.first.Scalar() : "", read(one.second, depth + 1));
    }
  }

  static std::string json_of_entries(const FileValue& value) {
    const bool is_map = value.kind == FileValue::Kind::map;
    std::string out(is_map ? "{" : "[");
    for (const auto& [key, one] : value.entries) {
      if (out.size() > 1) out += ',';
      if (is_map) out += json_text(key) + ':';
      out += one.json;
    }
    return out + (is_map ? '}' : ']');
  }

  int left_ = kMostValues;
};

}  // namespace

FileValues read_yaml_list(std::string_view text) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    const bool is_session = root.IsMap() && root.size() == 1 && root["session"];
    if (!root.IsSequence() && !is_session)
      return tl::unexpected(FileFaultAt{1, "not a list of requests: each begins with \"- \""});
    YamlValues reader;
    FileValue list = reader.read(root);
    if (reader.were_too_many()) return tl::unexpected(FileFaultAt{1, "more values than a file of requests has"});
    std::vector<FileValue> values;
    if (is_session) {
      values.push_back(std::move(list));
      return values;
    }
    values.reserve(list.entries.size());
    for (auto& [unnamed, one] : list.entries) values.push_back(std::move(one));
    return values;
  } catch (const YAML::Exception& error) {
    return tl::unexpected(FileFaultAt{line_of(error.mark), error.msg});
  }
}

}  // namespace dyno::loadgen
