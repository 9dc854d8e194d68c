// Nights that are pooled, over REST: a schedule of five blocks a night decides from the third night on, and every answer says from which nights.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <string>

#include "../store/sample_run.h"
#include "api_fixture.h"
#include "history/made_history.h"
#include "schema_check.h"
#include "stats/sequential.h"
#include "store/rebuild.h"

namespace dyno::api {
namespace {

using nlohmann::json;

class PoolApi : public ApiFixture {
 protected:
  PoolApi() {
    EXPECT_TRUE(bench::make_history(*database_, {.nights = 4, .cases = 3, .blocks = 5, .extra_starts = 0}));
    const auto runs = *reader_.past_runs({.limit = 4});
    for (const store::PastRun& run : runs) nights_.push_back(run.id);
  }
  void change(const std::string& sql) {
    EXPECT_TRUE(database_->write("changing the past", [&](SQLite::Database& connection) -> Status {
      connection.exec(sql);
      return {};
    }));
  }
  json decision_of(const std::string& run) { return get_json("/api/v1/runs/" + run, "Run")["decision"]; }
  json board(const std::string& query) { return get_json("/api/v1/leaderboard?" + query, "Leaderboard"); }

  std::vector<std::string> nights_;  // newest first
};

std::string places(const json& board) {
  std::string text;
  for (const json& row : board["rows"])
    text += row["stack"].get<std::string>() + (row.contains("rank") ? row["rank"].dump() : std::string("-")) + " ";
  return text;
}

TEST_F(PoolApi, ARunSaysFromWhichNightsItDecidesAndWhatItLacks) {
  const json newest = decision_of(nights_[0]);
  EXPECT_EQ(newest["nights"].size(), 4U);
  EXPECT_EQ(newest["nights"][0]["run"], nights_[0]);
  EXPECT_EQ(newest["blocks"], 20);
  EXPECT_EQ(newest["nights_lacking"], 0);
  EXPECT_EQ(decision_of(nights_[1])["nights"].size(), 3U);
  const json oldest = decision_of(nights_[3]);
  EXPECT_EQ(oldest["blocks"], 5);
  EXPECT_EQ(oldest["blocks_lacking"], 5);
  EXPECT_EQ(oldest["nights_lacking"], 2);
  EXPECT_TRUE(oldest.contains("ready_at")) << "the schedule fires";
}

TEST_F(PoolApi, WhoLeadsARunInTheListIsDecidedOverItsNights) {
  // Made nights have latencies of closed loops, too; a phase with any is taken for an open one.
  for (const std::string table : {"summary", "point"}) {
    change(
        "DELETE FROM " + table +
        " WHERE cell_key IN (SELECT c.cell_key FROM cell c JOIN series x ON x.series_key = c.series_key JOIN metric m "
        "ON m.metric_key = x.metric_key WHERE m.name LIKE 'latency%')");
  }
  ASSERT_TRUE(store::summarise_runs(*database_, store::Summaries::missing));
  const auto winner_of = [&](std::size_t night) {
    return get_json("/api/v1/runs", "RunList")["items"][night]["winner"];
  };
  const json three = winner_of(1);
  EXPECT_EQ(three["n"], 15);
  EXPECT_TRUE(three["is_clear"]) << three;
  const json first = board("run=" + nights_[1] + "&metric=throughput_per_s&phase=" + three["phase"].get<std::string>());
  EXPECT_EQ(three["case"], first["boards"][0]["rows"][0]["case"]);
  EXPECT_EQ(three["value"], first["boards"][0]["rows"][0]["value"]);
  EXPECT_FALSE(winner_of(3)["is_clear"]) << "one night of five blocks";
  // The oldest night no longer counts: two are left, which decide nothing.
  ASSERT_TRUE(repository_.mark(nights_[3], {.excluded = std::optional("hot")}));
  EXPECT_EQ(winner_of(1)["n"], 10);
  EXPECT_FALSE(winner_of(1)["is_clear"]);
}

TEST_F(PoolApi, ThreeNightsOfFiveBlocksDecideAndOneDoesNot) {
  const json pooled = board("run=" + nights_[1] + "&workload=json&metric=throughput_per_s");
  ASSERT_EQ(pooled["boards"].size(), 2U);
  EXPECT_EQ(pooled["pool"]["nights"].size(), 3U);
  EXPECT_EQ(places(pooled["boards"][0]), "stack-02[1,1] stack-01[2,2] stack-00[3,3] ");
  EXPECT_EQ(pooled["boards"][0]["rows"][0]["nights"], 3);
  const json alone = board("run=" + nights_[1] + "&pool=none&workload=json&metric=throughput_per_s");
  EXPECT_EQ(places(alone["boards"][0]), "stack-02[1,3] stack-01[1,3] stack-00[1,3] ");
  EXPECT_EQ(board("run=" + nights_[2] + "&phase=json/c64")["pool"]["nights_lacking"], 1) << "two nights";
  EXPECT_EQ(places(board("run=" + nights_[2] + "&phase=json/c64")["boards"][0]),
            "stack-02[1,3] stack-01[1,3] stack-00[1,3] ");
}

TEST_F(PoolApi, TheLeaderboardIsOfTheNewestSummariesAndFiltered) {
  const json all = board("");
  EXPECT_EQ(all["boards"].size(), 3U) << "the headline of each phase";
  EXPECT_EQ(all["overall"].size(), 1U);
  EXPECT_EQ(all["overall"][0]["phases"], (json{"json/c64", "fortunes/c64"}));
  EXPECT_EQ(all["overall"][0]["rows"][0]["stack"], "stack-02");
  EXPECT_EQ(all["overall"][0]["rows"][0]["rank"][0], 1);
  EXPECT_NEAR(all["overall"][0]["rows"][1]["ratio"].get<double>(), 2.0 / 3, 0.1);
  EXPECT_EQ(board("language=node")["boards"][0]["rows"].size(), 1U);
  EXPECT_TRUE(board("language=cobol")["boards"].empty());
  EXPECT_TRUE(board("mode=scaled")["boards"].empty());
  EXPECT_EQ(board("metric=app_startup_ns&metric=idle_pss_bytes")["boards"].size(), 2U);
  EXPECT_EQ(board("schedule=nightly&class=production&bound=server")["boards"].size(), 3U);
  get_problem("/api/v1/leaderboard?metric=offered_per_s", 400);
  get_problem("/api/v1/leaderboard?pool=all", 400);
  get_problem("/api/v1/leaderboard?profile=nobody", 404);
  get_problem("/api/v1/leaderboard?run=019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44", 404);
  get_problem("/api/v1/leaderboard?run=" + tell_run(), 409);
}

TEST_F(PoolApi, OtherContentsAndExcludedNightsAreNotPooled) {
  change(
      "UPDATE run_stack SET image_id = 'another' WHERE name = 'stack-01' AND run_key = (SELECT run_key FROM run WHERE "
      "id = '" +
      nights_[2] + "')");
  const auto rows = board("phase=json/c64&metric=throughput_per_s")["boards"][0]["rows"];
  EXPECT_EQ(rows[0]["nights"], 4);
  EXPECT_EQ(rows[1]["nights"], 3) << "the stack was another in one of them";
  change("UPDATE run SET excluded = 'a backup ran' WHERE id = '" + nights_[1] + "'");
  EXPECT_EQ(decision_of(nights_[0])["nights"].size(), 3U);
  change("UPDATE run SET environment_key = 'e1:another' WHERE id = '" + nights_[3] + "'");
  EXPECT_EQ(decision_of(nights_[0])["nights"].size(), 2U);
}

TEST_F(PoolApi, AComparisonPoolsNightsButNoneOfTheOtherSide) {
  const std::string what = "&phase=json/c64&metric=throughput_per_s";
  const json before = get_json("/api/v1/compare?a=" + nights_[3] + "&b=latest" + what, "Comparison");
  EXPECT_EQ(before["b"]["nights"].size(), 3U) << "those after side a";
  EXPECT_EQ(before["a"]["nights"].size(), 1U);
  EXPECT_EQ(before["items"][0]["b"]["nights"], 3);
  EXPECT_EQ(before["items"][0]["doubt"], "few_trials");
  const json cases =
      get_json("/api/v1/compare?a=latest&b=latest&a_case=stack-00/single&b_case=stack-01/single" + what, "Comparison");
  EXPECT_EQ(cases["items"][0]["design"], "paired");
  EXPECT_GE(cases["items"][0]["n"].get<int>(), 17);
  EXPECT_EQ(cases["items"][0]["decision"], "better");
  const json alone = get_json(
      "/api/v1/compare?a=latest&b=latest&pool=none&a_case=stack-00/single&b_case=stack-01/single" + what, "Comparison");
  EXPECT_EQ(alone["items"][0]["doubt"], "few_trials");
}

TEST_F(PoolApi, RunsAreNamedTogetherAndSeveralSidesAreCompared) {
  const std::string what = "&phase=json/c64&metric=throughput_per_s";
  const json named =
      get_json("/api/v1/compare?a=" + nights_[3] + "," + nights_[2] + "&b=" + nights_[1] + "," + nights_[0] + what,
               "Comparison");
  EXPECT_EQ(named["a"]["runs"], (json{nights_[2], nights_[3]}));
  EXPECT_EQ(named["b"]["nights"].size(), 2U);
  EXPECT_EQ(named["items"][0]["doubt"], "few_nights") << "two nights do not show how much nights differ";
  const json three =
      get_json("/api/v1/compare?a=" + nights_[3] + "&b=" + nights_[1] + "&b=latest" + what, "Comparison");
  ASSERT_EQ(three["more"].size(), 1U);
  EXPECT_EQ(three["b"]["runs"][0], nights_[1]);
  EXPECT_EQ(three["more"][0]["b"]["runs"][0], nights_[0]);
  EXPECT_EQ(three["more"][0]["items"].size(), 3U);
  change("UPDATE run SET environment_key = 'e1:another' WHERE id = '" + nights_[3] + "'");
  get_problem("/api/v1/compare?a=" + nights_[3] + "," + nights_[2] + "&b=latest", 409);
}

// One run of two cases that was measured until they were told apart: 12 blocks of at most 40.
class LookApi : public ApiFixture {
 protected:
  LookApi() {
    EXPECT_TRUE(bench::make_history(*database_, {.nights = 1, .cases = 3, .blocks = 12, .extra_starts = 0}));
    run_ = reader_.past_runs({.limit = 1})->front().id;
    take_job(store::sample_job());
  }
  // The run is as if it had been asked for by this, to compare two of its stacks.
  void take_job(model::Job job) {
    job.request.compare = model::RunComparison{.a = "stack-00",
                                               .b = "stack-01",
                                               .within = std::chrono::minutes(15),
                                               .metrics = {model::MetricName::throughput_per_s}};
    const std::string other = repository_.enqueue(job, clock_.wall_now())->run_id;
    const auto key_of = [](const std::string& id) { return "(SELECT run_key FROM run WHERE id = '" + id + "')"; };
    change("UPDATE event SET run_key = " + key_of(run_) + " WHERE run_key = " + key_of(other));
    change("UPDATE run SET blocks = 40, job_hash = (SELECT job_hash FROM run WHERE id = '" + other + "') WHERE id = '" +
           run_ + "'");
  }
  void change(const std::string& sql) {
    EXPECT_TRUE(database_->write("changing the past", [&](SQLite::Database& connection) -> Status {
      connection.exec(sql);
      return {};
    }));
  }
  std::string target_of(const std::string& a, const std::string& b) const {
    return "/api/v1/compare?a=" + run_ + "&b=" + run_ + "&a_case=" + a + "/single&b_case=" + b + "/single";
  }
  json compare(const std::string& a, const std::string& b) { return get_json(target_of(a, b), "Comparison"); }

  std::string run_;
};

TEST_F(LookApi, TheIntervalsOfAComparisonBlockByBlockAreThoseOfItsLook) {
  const double confidence = 1 - 2 * stats::tail_at(12, 40);
  ASSERT_GT(confidence, 0.99);
  for (const auto& [a, b] : {std::pair{"stack-00", "stack-01"}, {"stack-01", "stack-00"}}) {
    const json all = compare(a, b);
    ASSERT_TRUE(all.contains("look")) << all;
    EXPECT_EQ(all["look"]["blocks"], 12);
    EXPECT_EQ(all["look"]["blocks_at_most"], 40);
    EXPECT_DOUBLE_EQ(all["look"]["confidence"].get<double>(), confidence);
    int intervals = 0;
    for (const json& item : all["items"]) {
      ASSERT_EQ(item.contains("confidence"), item.contains("ci95")) << item;
      if (!item.contains("ci95")) continue;
      ++intervals;
      EXPECT_DOUBLE_EQ(item["confidence"].get<double>(), confidence) << item;
      EXPECT_EQ(item["design"], "paired");
    }
    EXPECT_GT(intervals, 4);
  }
  const Response answer = get(target_of("stack-00", "stack-01") + "&format=csv&metric=throughput_per_s");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_NE(answer.body.find("doubt,confidence"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find(",0.99"), std::string::npos) << answer.body;
}

TEST_F(LookApi, IntervalsAreWiderThanThoseOfAnOrdinaryComparison) {
  const json look = compare("stack-00", "stack-01");
  change("UPDATE run SET job_hash = NULL WHERE id = '" + run_ + "'");
  const json ordinary = compare("stack-00", "stack-01");
  EXPECT_FALSE(ordinary.contains("look"));
  ASSERT_EQ(look["items"].size(), ordinary["items"].size());
  for (std::size_t i = 0; i < look["items"].size(); ++i) {
    const json& wide = look["items"][i];
    const json& narrow = ordinary["items"][i];
    if (!narrow.contains("ci95")) continue;
    EXPECT_DOUBLE_EQ(narrow["confidence"].get<double>(), 0.95);
    if (!wide.contains("ci95")) continue;
    EXPECT_LE(wide["ci95"][0].get<double>(), narrow["ci95"][0].get<double>()) << wide;
    EXPECT_GE(wide["ci95"][1].get<double>(), narrow["ci95"][1].get<double>()) << wide;
  }
}

TEST_F(LookApi, TheRunShowsWhatItComparesAndHowFarItCame) {
  const json run = get_json("/api/v1/runs/" + run_, "Run");
  EXPECT_EQ(run["blocks"], 40);
  EXPECT_EQ(run["compare"], (json{{"a", "stack-00"},
                                  {"b", "stack-01"},
                                  {"a_case", "stack-00/single"},
                                  {"b_case", "stack-01/single"},
                                  {"within_ns", 900'000'000'000},
                                  {"metrics", {"throughput_per_s"}},
                                  {"blocks_measured", 12}}));
  change("UPDATE run SET job_hash = NULL WHERE id = '" + run_ + "'");
  EXPECT_FALSE(get_json("/api/v1/runs/" + run_, "Run").contains("compare"));
}

// Twelve blocks were enough for the comparison: at 95 % the objective would be kept too often.
TEST_F(LookApi, ObjectivesAreJudgedAtTheConfidenceOfTheLook) {
  const std::string run = "/api/v1/runs/" + run_;
  const json summaries = get_json(run + "/summaries", "SummaryList");
  json usual;
  for (const json& one : summaries["items"]) {
    if (one["case"] == "stack-00/single" && !one.contains("phase") && one["validity"] == "valid" && one["n"] == 12)
      usual = one;
  }
  ASSERT_TRUE(usual.contains("ci95")) << summaries;
  model::Job job = store::sample_job({"stack-00", "stack-01"});
  model::Objective objective{.text = "the figure < limit", .file = "stack.yaml", .line = 12};
  objective.metric = *model::parse_enum<model::MetricName>(usual["metric"].get<std::string>());
  objective.limit = usual["ci95"][1].get<double>() * 1.0001;
  job.stacks[0].objectives = {objective};
  take_job(job);
  const json one = get_json(run + "/objectives", "ObjectiveList")["items"].at(0);
  EXPECT_EQ(one["state"], "undecided") << one;
  EXPECT_EQ(one["reason"], "the limit lies in the interval");
  EXPECT_GT(one["ci95_high"].get<double>(), objective.limit);
  EXPECT_DOUBLE_EQ(one["confidence"].get<double>(), 1 - 2 * stats::tail_at(12, 40));
  change("UPDATE trial SET state = 'running' WHERE case_name = 'stack-01/single' AND block = 12");
  const json before = get_json(run + "/objectives", "ObjectiveList")["items"].at(0);
  EXPECT_EQ(before["n"], 11) << "as far as both sides are";
  EXPECT_DOUBLE_EQ(before["confidence"].get<double>(), 1 - 2 * stats::tail_at(11, 40));
}

TEST_F(LookApi, TheListSaysThatTheBlocksAreTheMost) {
  const auto listed = [&] {
    const json all = get_json("/api/v1/runs", "RunList");
    for (const json& run : all["items"])
      if (run["id"] == run_) return run;
    return json();
  };
  ASSERT_TRUE(listed().contains("stacks"));
  EXPECT_FALSE(listed().contains("compare")) << "three stacks";
  change("DELETE FROM run_stack WHERE name = 'stack-02' AND run_key = (SELECT run_key FROM run WHERE id = '" + run_ +
         "')");
  const json run = listed();
  EXPECT_EQ(run["blocks"], 40);
  EXPECT_EQ(run["compare"]["b"], "stack-01");
  EXPECT_EQ(run["compare"]["blocks_measured"], 12);
  const Response csv = get("/api/v1/runs?format=csv");
  EXPECT_NE(csv.body.find(",compare_a,compare_b,compare_blocks_measured"), std::string::npos) << csv.body;
  EXPECT_NE(csv.body.find(",stack-00,stack-01,12"), std::string::npos) << csv.body;
}

TEST_F(LookApi, ItsDecisionRestsOnTheBlocksThatWereMeasured) {
  EXPECT_EQ(get_json("/api/v1/runs/" + run_, "Run")["decision"]["blocks"], 12);
}

// `dyno compare -p PROFILE` with a profile of mode scaled.
TEST_F(LookApi, ItsCasesAreOfTheModeOfItsProfile) {
  for (const std::string table : {"trial", "series"})
    change("UPDATE " + table + " SET case_name = replace(case_name, '/single', '/scaled')");
  const json compare = get_json("/api/v1/runs/" + run_, "Run")["compare"];
  EXPECT_EQ(compare["a_case"], "stack-00/scaled");
  EXPECT_EQ(compare["b_case"], "stack-01/scaled");
  EXPECT_EQ(compare["blocks_measured"], 12);
  const json all = get_json(
      "/api/v1/compare?a=" + run_ + "&b=" + run_ + "&a_case=stack-00/scaled&b_case=stack-01/scaled", "Comparison");
  EXPECT_EQ(all["look"]["blocks"], 12);
}

TEST_F(LookApi, OtherCasesOfTheRunHaveNoLook) {
  const json all = compare("stack-00", "stack-02");
  EXPECT_FALSE(all.contains("look"));
  EXPECT_DOUBLE_EQ(all["items"][0]["confidence"].get<double>(), 0.95);
}

TEST_F(LookApi, ABlockThatOneSideHasNotFinishedCountsOnNeitherSide) {
  change("UPDATE trial SET state = 'running' WHERE case_name = 'stack-01/single' AND block = 12");
  const json all = compare("stack-00", "stack-01");
  EXPECT_EQ(all["look"]["blocks"], 11);
  EXPECT_DOUBLE_EQ(all["look"]["confidence"].get<double>(), 1 - 2 * stats::tail_at(11, 40));
  for (const json& item : all["items"]) EXPECT_LE(item.value("n", 0), 11) << item;
}

}  // namespace
}  // namespace dyno::api
