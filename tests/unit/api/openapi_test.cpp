// openapi.json is the truth about the API: the routes, the embedded copy and the examples are held against it.
#include <gtest/gtest.h>

#include <set>

#include "all_tables.h"
#include "api/openapi_text.h"
#include "api/problem.h"
#include "api/router.h"
#include "base/text.h"
#include "model/metric.h"
#include "schema_check.h"

namespace dyno::api {
namespace {

using nlohmann::json;

TEST(OpenApi, DescribesEveryRouteAndNoOther) {
  std::set<std::string> described;
  for (const auto& [path, methods] : openapi()["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) described.insert(method + " " + path);
  }
  std::set<std::string> routed;
  for (const Route& route : api_routes()) routed.insert(lower(route.method) + " " + std::string(route.path));
  EXPECT_EQ(described, routed);
}

TEST(OpenApi, DescribesEveryQueryParameterAndNoOther) {
  for (const Route& route : api_routes()) {
    std::set<std::string> described;
    const json& operation = openapi()["paths"].at(std::string(route.path)).at(lower(route.method));
    for (const json& given : operation.value("parameters", json::array())) {
      const json& parameter = resolved(given);
      if (parameter["in"] == "query") described.insert(parameter["name"].get<std::string>());
    }
    std::set<std::string> routed;
    for (const Parameter& parameter : route.parameters) routed.emplace(parameter.name);
    EXPECT_EQ(described, routed) << route.method << " " << route.path;
  }
}

TEST(OpenApi, DescribesEveryColumnOfEveryListAndNoOther) {
  const auto tables = all_tables();
  for (const Route& route : api_routes()) {
    if (route.is_rows) {
      EXPECT_TRUE(tables.contains(std::string(route.path))) << route.path;
    }
  }
  for (const auto& [path, methods] : openapi()["paths"].items()) {
    if (methods.contains("get")) {
      EXPECT_EQ(methods["get"].contains("x-columns"), tables.contains(path)) << path;
    }
  }
  for (const auto& [path, table] : tables) {
    const json& operation = openapi()["paths"].at(path).at("get");
    const bool has_metrics = path == "/api/v1/runs/{id}/trials" || path == "/api/v1/trials/{id}/measurements";
    json columns = json::array();
    for (const Column& column : table.columns) {
      // Where there is a column for each metric, /api/v1/metrics describes them.
      if (has_metrics && model::parse_enum<model::MetricName>(column.name)) continue;
      json one{{"name", column.name}, {"type", to_string(column.type)}, {"description", column.description}};
      if (!column.unit.empty()) one["unit"] = column.unit;
      columns.push_back(one);
    }
    EXPECT_EQ(operation["x-columns"], columns) << path;
    for (const char* const type : {"application/json", "text/csv", "application/x-ndjson"})
      EXPECT_TRUE(operation["responses"]["200"]["content"].contains(type)) << path << " " << type;
    EXPECT_TRUE(operation["responses"].contains("406")) << path;
  }
}

// Generators take 32 bits where nothing is said: nanoseconds, bytes and event numbers do not fit (14/36).
TEST(OpenApi, EveryIntegerNamesItsWidth) {
  int integers = 0;
  const auto visit = [&integers](const auto& self, const json& node, const std::string& key,
                                 const std::string& at) -> void {
    if (key == "x-columns") return;
    if (node.is_object() && node.value("type", json()) == "integer") {
      ++integers;
      const bool is_wide = key.ends_with("_ns") || key.ends_with("_bytes") || key == "seq";
      const std::string format = node.value("format", "");
      EXPECT_TRUE(format == "int64" || (format == "int32" && !is_wide)) << at;
    }
    if (!node.is_structured()) return;
    for (const auto& [name, child] : node.items()) self(self, child, name, at + "/" + name);
  };
  visit(visit, openapi(), "", "");
  EXPECT_GT(integers, 100);
}

TEST(OpenApi, IsServedAsItStandsInTheRepository) { EXPECT_EQ(json::parse(openapi_text()), openapi()); }

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  const std::string text = openapi().dump();
  const std::string mark = "\"#/components/";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::string pointer = text.substr(at + 2, text.find('"', at + 1) - at - 2);
    EXPECT_TRUE(openapi().contains(json::json_pointer(pointer))) << pointer;
  }
}

TEST(OpenApi, TheExamplesFollowTheirSchemas) {
  const json index = load_json("tests/data/api/index.json");
  for (const auto& [name, schema] : index["schemas"].items()) {
    const auto faults = breaks_schema(load_json("tests/data/api/" + name + ".json"), schema.get<std::string>());
    EXPECT_TRUE(faults.empty()) << name << ": " << faults.front();
  }
}

TEST(OpenApi, ThePlantedFaultIsFound) {
  json run = load_json("tests/data/api/run.json");
  run["state"] = "sleeping";
  run.erase("seed");
  run["measured_ns"] = 1.5;
  run["surprise"] = 1;
  EXPECT_EQ(breaks_schema(run, "Run").size(), 4U);
}

TEST(OpenApi, EveryProblemTypeHasATitleAndAText) {
  for (const ProblemType& type : problem_types()) {
    EXPECT_EQ(title_of(type.slug), type.title);
    EXPECT_FALSE(type.text.empty()) << type.slug;
  }
}

}  // namespace
}  // namespace dyno::api
