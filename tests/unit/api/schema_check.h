// Checks JSON against the schemas of openapi.json: the few keywords that it uses. For tests.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace dyno::api {

nlohmann::json load_json(const std::string& path_in_repository);
const nlohmann::json& openapi();
// What stands there, or what its $ref leads to.
const nlohmann::json& resolved(const nlohmann::json& given);
// Every place where `value` breaks the schema of that name.
std::vector<std::string> breaks_schema(const nlohmann::json& value, const std::string& schema_name);
// The same for a schema given itself.
std::vector<std::string> breaks_schema(const nlohmann::json& value, const nlohmann::json& schema,
                                       const std::string& where);

}  // namespace dyno::api
