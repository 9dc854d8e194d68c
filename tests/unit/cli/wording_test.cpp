// The words and figures that dyno shares with the dashboard, whose test reads the same file.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <chrono>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/comparison.h"
#include "cli/leaderboard.h"
#include "cli/objectives.h"
#include "cli/pull_request.h"
#include "cli/titles.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

using Json = nlohmann::json;

const Json& wording() {
  static const Json file = Json::parse(std::ifstream(std::string(DYNO_SOURCE_DIR) + "/tests/data/wording.json"));
  return file;
}

std::string text_of(const Json& row) { return row.at("text").get<std::string>(); }

TEST(Wording, Values) {
  for (const Json& row : wording().at("values"))
    EXPECT_EQ(format_value(row.at("value").get<double>(), row.at("unit").get<std::string>()), text_of(row)) << row;
}

TEST(Wording, Spreads) {
  for (const Json& row : wording().at("spreads")) {
    EXPECT_EQ(format_spread(row.at("low").get<double>(), row.at("high").get<double>(), row.at("value").get<double>(),
                            row.at("unit").get<std::string>()),
              text_of(row));
  }
}

TEST(Wording, PercentsAndSpans) {
  for (const Json& row : wording().at("percents"))
    EXPECT_EQ(format_percent(row.at("ratio").get<double>()), text_of(row)) << row;
  for (const Json& row : wording().at("spans"))
    EXPECT_EQ(format_span(Nanos(static_cast<std::int64_t>(row.at("seconds").get<double>() * 1e9))), text_of(row));
}

TEST(Wording, Instants) {
  for (const Json& row : wording().at("instants"))
    EXPECT_EQ(format_stamp(parse_instant(row.at("at").get<std::string>()).value(), std::chrono::seconds(0)),
              text_of(row));
  for (const Json& row : wording().at("local_times"))
    EXPECT_EQ(local_stamp(row.at("local").get<std::string>()), text_of(row));
}

TEST(Wording, Phases) {
  for (const Json& row : wording().at("phases")) {
    const auto among = row.at("among").get<std::vector<std::string>>();
    std::vector<std::string> titles;
    for (const std::string& name : among) titles.push_back(phase_title(name, among));
    EXPECT_EQ(titles, row.at("titles").get<std::vector<std::string>>());
  }
}

TEST(Wording, Cases) {
  for (const Json& row : wording().at("cases")) {
    ShownRunStack stack;
    stack.name = row.at("stack").get<std::string>();
    stack.title = row.at("title").get<std::string>();
    EXPECT_EQ(case_title({stack}, row.at("case").get<std::string>()), text_of(row));
  }
}

TEST(Wording, GatesFailuresBoundsAndOutcomes) {
  for (const Json& row : wording().at("gates")) EXPECT_EQ(gate_title(row.at("name").get<std::string>()), text_of(row));
  for (const Json& row : wording().at("failures"))
    EXPECT_EQ(failure_title(row.at("name").get<std::string>()), text_of(row));
  for (const Json& row : wording().at("bounds"))
    EXPECT_EQ(bound_title(row.at("name").get<std::string>()), text_of(row));
  for (const Json& row : wording().at("outcomes"))
    EXPECT_EQ(outcome_title(row.at("state").get<std::string>(), row.at("failed").get<std::size_t>(),
                            row.at("stacks").get<std::size_t>()),
              text_of(row));
  for (const Json& row : wording().at("starters"))
    EXPECT_EQ(starter_title(row.at("trigger").get<std::string>(), row.at("schedule").get<std::string>()), text_of(row));
}

TEST(Wording, OutcomesOfComparisons) {
  for (const Json& row : wording().at("outcome_sentences")) {
    ShownComparison all;
    for (const Json& one : row.at("rows")) {
      ShownCompared compared;
      compared.case_name = one.at("case").get<std::string>();
      compared.phase = one.value("phase", "");
      compared.metric = one.at("metric").get<std::string>();
      compared.title = one.at("title").get<std::string>();
      compared.unit = one.at("unit").get<std::string>();
      compared.ratio = one.at("ratio").get<double>();
      compared.ci95 = ShownInterval{one.at("ci95").at(0).get<double>(), one.at("ci95").at(1).get<double>()};
      compared.decision = one.value("decision", "");
      compared.doubt = one.value("doubt", "");
      all.rows.push_back(compared);
    }
    EXPECT_EQ(outcome_sentences(all), row.at("sentences").get<std::vector<std::string>>());
  }
}

TEST(Wording, HowSureIntervalsAre) {
  for (const Json& row : wording().at("looks")) {
    ShownComparison all;
    ShownCompared one;
    one.confidence = row.at("confidence").get<double>();
    all.rows = {one, one};
    all.rows[1].ci95 = ShownInterval{1, 2};
    if (row.contains("blocks")) all.look = ShownLook{row.at("blocks").get<int>(), row.at("blocks_at_most").get<int>()};
    EXPECT_EQ(interval_confidence(all), text_of(row));
    EXPECT_EQ(look_sentence(all), row.at("sentence").get<std::string>());
  }
}

TEST(Wording, NightsThatADecisionRestsOn) {
  ASSERT_EQ(setenv("TZ", "UTC", 1), 0);
  tzset();
  for (const Json& row : wording().at("pools")) {
    const Json board{{"profile", "standard"},
                     {"at", ""},
                     {"pool", row.at("pool")},
                     {"boards", Json::array()},
                     {"overall", Json::array()}};
    const auto all = wire::read_leaderboard(board.dump());
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(pool_text(*all->pool), text_of(row));
  }
}

TEST(Wording, Objectives) {
  for (const Json& row : wording().at("objectives")) {
    ShownObjective one;
    one.unit = row.at("unit").get<std::string>();
    one.reason = row.value("reason", "");
    if (row.contains("value")) one.value = row.at("value").get<double>();
    if (row.contains("low")) one.ci95 = ShownInterval{row.at("low").get<double>(), row.at("high").get<double>()};
    one.phase = row.value("phase", "");
    one.other_phases = row.value("other_phases", one.other_phases);
    EXPECT_EQ(objective_finding(one), text_of(row));
  }
  for (const Json& row : wording().at("objective_counts")) {
    ShownResult result;
    for (const Json& state : row.at("states")) result.objectives.push_back({.state = state.get<std::string>()});
    EXPECT_EQ(objective_lines(result).at(0), text_of(row));
  }
  for (const Json& row : wording().at("objective_intervals")) {
    ShownResult result;
    result.objectives = {{.state = "undecided"}, {.state = "kept"}};
    if (row.contains("confidence")) {
      result.objectives[1].ci95 = ShownInterval{1, 2};
      result.objectives[1].confidence = row.at("confidence").get<double>();
    }
    EXPECT_EQ(objective_intervals(result.objectives), text_of(row));
    const bool is_usual = text_of(row) == "Intervals: 95 %.";
    EXPECT_EQ(objective_lines(result).at(0),
              "Objectives: 1 undecided, 1 kept." + (is_usual ? std::string() : " " + text_of(row)));
  }
}

TEST(Wording, AnEventSpeaksOfItsCaseAndPhaseByTitle) {
  ShownEvent event;
  event.case_name = "go-nethttp/single";
  event.phase = "json/c32";
  event.text = "json/c32: 38210/s";
  EXPECT_EQ(event_sentence(event, {}), "JSON · 32 connections: 38210/s");
}

}  // namespace
}  // namespace dyno::cli
