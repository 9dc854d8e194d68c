#include "stackfile/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "contract/workloads/registry.h"

namespace dyno::stackfile {
namespace {

using nlohmann::json;

// Every object of the schema refuses unknown keys or describes them, and every pattern compiles.
void check_node(const json& node, const std::string& path) {
  if (node.contains("properties")) {
    EXPECT_EQ(node.at("additionalProperties"), false) << path;
    for (const auto& key : node.at("required"))
      EXPECT_TRUE(node.at("properties").contains(key.get<std::string>())) << path;
    for (const auto& [key, value] : node.at("properties").items()) {
      EXPECT_FALSE(value.at("description").get<std::string>().empty()) << path << "/" << key;
      check_node(value, path + "/" + key);
    }
  }
  if (node.contains("pattern")) {
    EXPECT_NO_THROW(std::regex(node.at("pattern").get<std::string>())) << path;
  }
  for (const char* const part : {"then", "else"}) {
    if (node.contains(part)) check_node(node.at(part), path + "/" + part);
  }
  if (node.contains("items")) check_node(node.at("items"), path + "/items");
  if (node.contains("oneOf")) {
    for (const auto& choice : node.at("oneOf")) check_node(choice, path + "/oneOf");
  }
}

TEST(JsonSchema, IsJsonAndClosed) {
  for (const std::string& text : {stack_json_schema(), profile_json_schema(), schedule_json_schema(),
                                  service_json_schema(), workload_json_schema()}) {
    const json schema = json::parse(text);
    EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
    check_node(schema, "");
  }
}

TEST(JsonSchema, SaysWhatTheParserAsks) {
  const json properties = json::parse(stack_json_schema()).at("else").at("properties");
  EXPECT_EQ(properties.size(), 19U);
  EXPECT_EQ(properties.at("run").at("properties").at("port").at("minimum"), 1024);
  EXPECT_EQ(properties.at("run").at("properties").at("port").at("maximum"), 65535);
  EXPECT_EQ(properties.at("workloads").at("items").at("enum").size(), contract::workloads().size());
  EXPECT_EQ(properties.at("workloads").at("uniqueItems"), true);
  EXPECT_EQ(properties.at("run").at("required"), json::parse(R"(["command","port","user","stop"])"));
  EXPECT_EQ(properties.at("version").at("type"), json::parse(R"(["string","number"])"));
  EXPECT_EQ(json::parse(profile_json_schema()).at("properties").at("placement").at("oneOf").at(0).at("enum"),
            json::parse(R"(["auto"])"));
}

TEST(JsonSchema, TellsTheTwoContractsOfAStackApart) {
  const json schema = json::parse(stack_json_schema());
  EXPECT_EQ(schema.at("if"), json::parse(R"({"properties":{"contract":{"const":"own"}},"required":["contract"]})"));
  EXPECT_EQ(schema.at("then").at("required"), json::parse(R"(["schema","name","contract"])"));
  EXPECT_EQ(schema.at("then").at("properties").at("readiness").at("oneOf").at(0).at("enum"),
            json::parse(R"(["http","tcp"])"));
}

}  // namespace
}  // namespace dyno::stackfile
