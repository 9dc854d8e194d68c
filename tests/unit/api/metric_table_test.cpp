// The tables of metrics and gates stand once in C++ and are written out in four more places, for those who cannot include it: each is
// walked both ways.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "model/metric.h"
#include "model/reading.h"
#include "schema_check.h"

namespace dyno::api {
namespace {

using Names = std::vector<std::string>;

std::string file(const std::string& path) {
  std::ifstream in(std::string(DYNO_SOURCE_DIR) + "/" + path);
  std::ostringstream out;
  out << in.rdbuf();
  EXPECT_FALSE(out.str().empty()) << path;
  return out.str();
}

// The first group of every match.
Names matches(const std::string& text, const std::string& pattern) {
  Names found;
  const std::regex expression(pattern);
  for (auto it = std::sregex_iterator(text.begin(), text.end(), expression); it != std::sregex_iterator(); ++it)
    found.push_back((*it)[1]);
  return found;
}

// From the line that begins the part to the next one that is `end`.
std::string part(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  EXPECT_NE(from, std::string::npos) << begin;
  return from == std::string::npos ? std::string() : text.substr(from, text.find(end, from) - from);
}

Names sorted(Names names) {
  std::sort(names.begin(), names.end());
  return names;
}

Names metric_names() {
  const auto names = model::names_of<model::MetricName>();
  return {names.begin(), names.end()};
}
Names gate_names() {
  const auto names = model::names_of<model::GateName>();
  return {names.begin(), names.end()};
}

Names schema_enum(const std::string& schema) {
  return openapi().at("components").at("schemas").at(schema).at("enum").get<Names>();
}

TEST(MetricTable, IsTheOneOfTheSpecification) { EXPECT_EQ(schema_enum("MetricName"), metric_names()); }

TEST(MetricTable, IsTheOneOfThePage) {
  Names rows;
  for (const model::Metric& m : model::metrics()) {
    std::ostringstream row;
    row << m.name << " | " << m.unit << " | " << to_string(m.better) << " | " << m.title;
    rows.push_back(row.str());
  }
  Names page = matches(file("daemon/docs/metrics.md"), "\n\\| `([a-z0-9_]+` \\| [^|]+ \\| [a-z]+ \\| [^|]+) \\|");
  for (std::string& row : page) row.erase(row.find('`'), 1);
  EXPECT_EQ(page, rows);
}

TEST(MetricTable, IsTheOneOfTheDashboard) {
  Names rows;
  for (const model::Metric& m : model::metrics()) rows.push_back(std::string(m.name) + ": '" + std::string(m.unit));
  const std::string table = part(file("web/src/model/metric.ts"), "export const kMetrics", "}");
  EXPECT_EQ(matches(table, "\n  ([a-z0-9_]+: '[^']+)',"), rows);
}

// `dyno` knows no header of the daemon: what it looks up must be a metric all the same.
TEST(MetricTable, KnowsEveryMetricThatTheCommandPrints) {
  const Names known = metric_names();
  const std::string sources = file("daemon/cli/result_table.cpp") + file("daemon/cli/figures.cpp") +
                              file("daemon/cli/decision.cpp") + file("daemon/cli/overview.cpp");
  const Names printed = matches(sources, "\"([a-z][a-z0-9_]*_(?:ns|per_s|bytes|ratio|cores|per_request))\"");
  EXPECT_GT(printed.size(), 15U);
  for (const std::string& name : printed) {
    // "_p99_ns" is put together with the kind of time.
    EXPECT_NE(std::find(known.begin(), known.end(), name), known.end()) << name;
  }
}

TEST(GateTable, IsTheOneOfTheSpecification) { EXPECT_EQ(schema_enum("GateName"), gate_names()); }

TEST(GateTable, IsTheOneOfThePage) {
  const std::string page = file("daemon/docs/gates.md");
  Names names = matches(part(page, "| gate |", "The **bound**"), "\n\\| `([a-z_]+)` \\|");
  const Names warnings = matches(part(page, "as warnings that judge no reading", "."), "`([a-z_]+)`");
  names.insert(names.end(), warnings.begin(), warnings.end());
  EXPECT_EQ(names, gate_names());
}

TEST(GateTable, HasATitleInTheDashboardAndTheCommand) {
  const std::string web = part(file("web/src/model/titles.ts"), "const kGates", "};");
  EXPECT_EQ(sorted(matches(web, "\n  ([a-z_]+): ")), sorted(gate_names()));
  const std::string command = part(file("daemon/cli/titles.cpp"), "kGates{", ";");
  EXPECT_EQ(sorted(matches(command, "\\{\"([a-z_]+)\", \"")), sorted(gate_names()));
}

}  // namespace
}  // namespace dyno::api
