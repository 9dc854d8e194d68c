// openapi.json is the truth about the API: the routes, the embedded copy and the examples are held against it.
#include <gtest/gtest.h>

#include <set>

#include "api/openapi_text.h"
#include "api/problem.h"
#include "api/router.h"
#include "base/text.h"
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
    for (const json& parameter : operation.value("parameters", json::array())) {
      if (parameter["in"] == "query") described.insert(parameter["name"].get<std::string>());
    }
    std::set<std::string> routed;
    for (const Parameter& parameter : route.parameters) routed.emplace(parameter.name);
    EXPECT_EQ(described, routed) << route.method << " " << route.path;
  }
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
