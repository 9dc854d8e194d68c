// The documented schema of dyno-load's JSON. For tests.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "unit/api/schema_check.h"

namespace dyno::loadgen {

// With what it refers to in the places that do.
inline nlohmann::json resolved(nlohmann::json schema, const nlohmann::json& parts) {
  if (schema.is_object() && schema.contains("$ref")) {
    const std::string name = schema.at("$ref").get<std::string>();
    return parts.at(name.substr(name.rfind('/') + 1));
  }
  if (schema.is_structured()) {
    for (nlohmann::json& member : schema) member = resolved(member, parts);
  }
  return schema;
}

// Every place where a report is not as the schema says.
inline std::vector<std::string> breaks_load_schema(const nlohmann::json& report) {
  const nlohmann::json schema = api::load_json("daemon/docs/load-report.schema.json");
  return api::breaks_schema(report, resolved(schema, schema.at("$defs")), "");
}

}  // namespace dyno::loadgen
