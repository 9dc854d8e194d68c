#include "runners/load/report/json_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/runner_load/load_schema.h"
#include "unit/runner_load/sample_report.h"

namespace dyno::loadgen {
namespace {

using nlohmann::json;

const About kAbout{
    "http://127.0.0.1:8080/json", "0.1.0", "2026-11-29T11:00:00.000Z", "rig", {{"header", "Cookie: ***"}}};

json parsed(const LoadSpec& spec, const LoadReport& report) {
  auto value = json::parse(report_json(spec, report, kAbout), nullptr, false);
  EXPECT_FALSE(value.is_discarded());
  return value;
}

TEST(ReportJson, IsAsItsSchemaSays) {
  LoadReport fan_out = sample(true);
  fan_out.subscribers = 500;
  fan_out.all.bad_bodies.push_back({0, 3, "", "/id: expected an integer, got none", std::string("\x00\xff\"", 3)});
  for (std::size_t i = 0; i < kErrorNames.size(); ++i) {
    fan_out.all.examples[i] = {.is_known = true, .status = i == 3 ? 500 : 0, .error = i == 0 ? 111 : 0};
    fan_out.all.examples[i].keep_bytes("what came");
  }
  fan_out.all.remarks.redirect = "302 to /a";
  fan_out.all.remarks.connect = "connection refused";
  fan_out.all.remarks.streams_allowed = 0;
  fan_out.all.window.refused.fill(1);
  for (const LoadReport& report : {sample(false), sample(true), frozen(), fan_out})
    EXPECT_THAT(breaks_load_schema(parsed(sample_spec(), report)), testing::IsEmpty());
  LoadSpec curve = sample_spec();
  curve.curve = {{0, 100}, {1'000'000'000, 5000}};
  EXPECT_THAT(breaks_load_schema(parsed(curve, sample(true))), testing::IsEmpty());
}

TEST(ReportJson, AddsUp) {
  const json report = parsed(sample_spec(), frozen());
  EXPECT_EQ(report.at("sent"), 20'000);
  EXPECT_EQ(report.at("good").get<int>() + report.at("errors").at("bad_status").get<int>() +
                report.at("in_flight").get<int>(),
            20'000);
  EXPECT_EQ(report.at("statuses"), json::parse(R"({"200":19900,"500":6,"503":30})"));
  EXPECT_EQ(
      report.at("error_examples").at(0),
      json::parse(
          R"({"kind":"bad_status","method":"GET","target":"/json","status":503,"first_bytes":"upstream \"a\" is down\n"})"));
}

TEST(ReportJson, NamesWhatIsWithheld) {
  const json times = parsed(sample_spec(), frozen()).at("service_time");
  EXPECT_TRUE(times.contains("p99_ns")) << times;
  EXPECT_FALSE(times.contains("p99.9_ns")) << times;
  EXPECT_FALSE(times.contains("mean_ns")) << times;
  EXPECT_EQ(times.at("withheld"), json::parse(R"(["p99.9_ns","max_ns"])"));
}

TEST(ReportJson, LeavesOutTailsThatFewValuesStandOn) {
  const json times = parsed(sample_spec(), sample(false)).at("service_time");
  EXPECT_TRUE(times.contains("p50_ns"));
  EXPECT_FALSE(times.contains("p99_ns"));
  EXPECT_EQ(times.at("withheld"), json::array());
}

TEST(ReportJson, HoldsAnyBytes) {
  LoadReport report = sample(false);
  report.all.bad_bodies.push_back({0, -1, "", "", std::string("a\"b\\\n\x01\0\xff", 8)});
  EXPECT_EQ(parsed(sample_spec(), report).at("first_bad_body"), json::parse(R"("a\"b\\\n\u0001\u0000\u00ff")"));
  report.all.bad_bodies.front().bytes = "µs";
  EXPECT_EQ(parsed(sample_spec(), report).at("first_bad_body"), "µs");
}

}  // namespace
}  // namespace dyno::loadgen
