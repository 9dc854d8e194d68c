#include "schema_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace dyno::api {
namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  return type == "number" && value.is_number();
}

void check(const json& value, const json& schema, const std::string& where, std::vector<std::string>& faults);

void check_object(const json& value, const json& schema, const std::string& where, std::vector<std::string>& faults) {
  for (const json& name : schema.value("required", json::array())) {
    if (!value.contains(name)) faults.push_back(where + ": " + name.get<std::string>() + " is missing");
  }
  const json properties = schema.value("properties", json::object());
  const json others = schema.value("additionalProperties", json(nullptr));
  for (const auto& [key, member] : value.items()) {
    if (properties.contains(key)) {
      check(member, properties[key], where + "/" + key, faults);
    } else if (others.is_object()) {
      check(member, others, where + "/" + key, faults);
    } else {
      faults.push_back(where + ": " + key +
                       " is not described");  // stricter than readers: our own answers are described in full
    }
  }
}

void check(const json& value, const json& schema, const std::string& where, std::vector<std::string>& faults) {
  if (schema.contains("$ref")) return check(value, resolved(schema), where, faults);
  if (schema.contains("type") && !has_type(value, schema["type"])) {
    faults.push_back(where + ": is no " + schema["type"].get<std::string>() + ": " + value.dump().substr(0, 60));
    return;
  }
  if (schema.contains("enum")) {
    const json& words = schema["enum"];
    if (std::find(words.begin(), words.end(), value) == words.end())
      faults.push_back(where + ": unknown word " + value.dump());
  }
  if (value.is_object()) check_object(value, schema, where, faults);
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i)
      check(value[i], schema["items"], where + "/" + std::to_string(i), faults);
  }
}

}  // namespace

json load_json(const std::string& path) {
  std::ifstream stream(std::string(DYNO_SOURCE_DIR) + "/" + path);
  json value = json::parse(stream, nullptr, false);
  EXPECT_FALSE(value.is_discarded()) << path << " is no JSON";
  return value;
}

const json& openapi() {
  static const json document = load_json("daemon/api/openapi.json");
  return document;
}

const json& resolved(const json& given) {
  return given.contains("$ref") ? openapi().at(json::json_pointer(given["$ref"].get<std::string>().substr(1))) : given;
}

std::vector<std::string> breaks_schema(const json& value, const json& schema, const std::string& where) {
  std::vector<std::string> faults;
  check(value, schema, where, faults);
  return faults;
}

std::vector<std::string> breaks_schema(const json& value, const std::string& name) {
  return breaks_schema(value, json{{"$ref", "#/components/schemas/" + name}}, name);
}

}  // namespace dyno::api
