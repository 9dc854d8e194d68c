// Questions across runs over REST, on a database that a daemon wrote: two runs of quick, one after the other. Effects, intervals and
// detectable differences are held against those that an independent script made from the exported CSV of the same runs
// (tests/data/stats/golden_compare.py).
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "api/finish_answer.h"
#include "api_fixture.h"
#include "base/encoding.h"
#include "schema_check.h"
#include "store/baseline_repository.h"
#include "store/rebuild.h"

namespace dyno::api {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A copy of the database in a folder of its own, which outlives whoever has it open.
class OldFile {
 protected:
  OldFile() {
    std::string pattern = (fs::temp_directory_path() / "dyno-history-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::copy_file(fs::path(DYNO_SOURCE_DIR) / "tests/data/db/schema_13.db", folder_ / "dyno.db");
    fs::permissions(folder_ / "dyno.db", fs::perms::owner_read | fs::perms::owner_write);
  }
  ~OldFile() { fs::remove_all(folder_); }

  fs::path folder_;
};

class HistoryApi : private OldFile, public ApiFixture {
 protected:
  HistoryApi() : ApiFixture(std::move(*store::Database::open(folder_ / "dyno.db"))) {
    EXPECT_TRUE(store::summarise_runs(*database_, store::Summaries::missing));
    newer_ = reader_.past_runs({.limit = 2})->front().id;
    older_ = reader_.past_runs({.limit = 2})->back().id;
  }

  // As if it had been measured so.
  void change(const std::string& sql) {
    EXPECT_TRUE(database_->write("changing the past", [&](SQLite::Database& connection) -> Status {
      connection.exec(sql);
      return {};
    }));
    EXPECT_TRUE(store::summarise_runs(*database_, store::Summaries::all));
  }
  json compare(const std::string& query) { return get_json("/api/v1/compare?" + query, "Comparison"); }

  std::string newer_;
  std::string older_;
};

std::string place_of(const json& item) {
  return item["case"].get<std::string>() + " " + item.value("phase", "-") + " " + item["metric"].get<std::string>();
}

// Lines "unpaired CASE PHASE METRIC ratio low high n mde", "-" where there is none.
struct Golden {
  std::string ratio, low, high, n, mde;
};

std::map<std::string, Golden> golden(const std::string& kind) {
  std::ifstream file(std::string(DYNO_SOURCE_DIR) + "/tests/data/stats/golden_compare.txt");
  std::map<std::string, Golden> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream in(line);
    std::string word, case_name, phase, metric;
    in >> word >> case_name >> phase >> metric;
    if (word != kind) continue;
    Golden& one = all[case_name + " " + phase + " " + metric];
    in >> one.ratio >> one.low >> one.high >> one.n >> one.mde;
  }
  return all;
}

void expect_near(const std::string& expected, const json& item, const char* name, const std::string& where) {
  ASSERT_EQ(item.contains(name), expected != "-") << where << " " << name;
  if (expected == "-") return;
  const double number = std::stod(expected);
  EXPECT_NEAR(item[name].get<double>(), number, 1e-9 * std::max(1.0, std::abs(number))) << where << " " << name;
}

// How many of them had an interval.
int expect_golden(const json& items, const std::string& kind) {
  auto expected = golden(kind);
  int intervals = 0;
  for (const json& item : items) {
    const std::string where = place_of(item);
    const auto found = expected.find(where);
    if (found == expected.end()) {
      ADD_FAILURE() << where << " is not among the golden values";
      continue;
    }
    const Golden& one = found->second;
    expect_near(one.ratio, item, "ratio", where);
    expect_near(one.n, item, "n", where);
    expect_near(one.mde, item, "mde_percent", where);
    EXPECT_EQ(item.contains("ci95"), one.low != "-") << where;
    if (item.contains("ci95") && one.low != "-") {
      ++intervals;
      EXPECT_NEAR(item["ci95"][0].get<double>(), std::stod(one.low), 1e-9) << where;
      EXPECT_NEAR(item["ci95"][1].get<double>(), std::stod(one.high), 1e-9) << where;
    }
    expected.erase(found);
  }
  EXPECT_TRUE(expected.empty()) << expected.size() << " golden values have no row, such as " << expected.begin()->first;
  return intervals;
}

TEST_F(HistoryApi, EffectsOfTwoRunsAreThoseOfAnIndependentPackage) {
  const json all = compare("a=latest~1&b=latest");
  EXPECT_EQ(all["a"]["runs"], json::array({older_}));
  EXPECT_EQ(all["b"]["runs"], json::array({newer_}));
  EXPECT_TRUE(all["same_environment"]);
  EXPECT_GT(expect_golden(all["items"], "unpaired"), 4) << "start-up has enough starts for an interval";
}

TEST_F(HistoryApi, EffectsOfTwoCasesOfOneRunAreThoseOfAnIndependentPackage) {
  const auto cases = golden("cases");
  ASSERT_EQ(cases.size(), 1U);
  std::istringstream names(cases.begin()->first);
  std::string a, b;
  names >> a >> b;
  const json all = compare("a=latest&b=latest&a_case=" + a + "&b_case=" + b);
  EXPECT_EQ(all["items"][0]["design"], "paired");
  EXPECT_EQ(all["a"]["case"], a);
  expect_golden(all["items"], "paired");
}

TEST_F(HistoryApi, CountsItsDecisionsAndSaysWhyNot) {
  const json all = compare("a=" + older_ + "&b=" + newer_);
  int sum = 0;
  for (const auto& [word, count] : all["decisions"].items()) sum += count.get<int>();
  EXPECT_EQ(sum, static_cast<int>(all["items"].size()));
  for (const json& item : all["items"])
    EXPECT_EQ(item.contains("doubt"), item["decision"] == "inconclusive") << place_of(item);
}

TEST_F(HistoryApi, TakesReferencesAsTheyAreWritten) {
  const json by_day = compare("a=median:30&b=2026-11-29&metric=throughput_per_s");
  EXPECT_EQ(by_day["a"]["runs"], json::array({older_}));
  EXPECT_EQ(by_day["items"][0]["a"]["n"], 1) << "a night is one value";
  EXPECT_EQ(by_day["items"][0]["metric"], "throughput_per_s");
  for (const char* const bad :
       {"a=latest~x&b=latest", "a=latest", "a=latest&b=median:3", "a=median:1&b=latest", "a=2026-13-01&b=latest",
        "a=latest&b=latest&a_case=x", "a=latest&b=latest&metric=speed", "a=latest~-1&b=latest"})
    get_problem("/api/v1/compare?" + std::string(bad), 400);
  for (const char* const absent :
       {"a=latest~7&b=latest", "a=2020-01-01&b=latest", "a=019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44&b=latest",
        "a=latest~1&b=latest&profile=standard"})
    get_problem("/api/v1/compare?" + std::string(absent), 404);
  get_problem("/api/v1/compare?a=latest~1&b=latest&case=nobody", 422);
}

// A filter with a word that there is not leaves nothing, which reads like "nothing was measured".
TEST_F(HistoryApi, EveryParameterOfKnownWordsOrNumbersRefusesOthers) {
  const std::string trial = get_json("/api/v1/runs/" + newer_ + "/trials", "TrialList")["items"][0]["id"];
  const std::string series = get_json("/api/v1/series?limit=1", "SeriesList")["items"][0]["id"];
  const auto place = [&](std::string path) {
    const std::size_t at = path.find("{id}");
    if (at == std::string::npos) return path + "?";
    path.replace(at, 4,
                 path.starts_with("/api/v1/runs/")     ? newer_
                 : path.starts_with("/api/v1/trials/") ? trial
                                                       : series);
    return path + "?";
  };
  int asked = 0;
  for (const auto& [path, methods] : openapi()["paths"].items()) {
    if (!methods.contains("get") || path.find("{name}") != std::string::npos) continue;
    for (const json& given : methods["get"].value("parameters", json::array())) {
      const json parameter = resolved(given);
      if (parameter["in"] != "query") continue;
      const json schema = resolved(parameter["schema"]);
      const json one = schema.contains("items") ? resolved(schema["items"]) : schema;
      if (one["type"] == "string" && !one.contains("enum")) continue;
      const std::string name = parameter["name"];
      const std::string sides = path == "/api/v1/compare" ? "a=latest~1&b=latest&" : "";
      const Response answer = get(place(path) + sides + name + "=nonsense");
      EXPECT_EQ(answer.status, 400) << path << " " << name;
      ++asked;
    }
  }
  EXPECT_GT(asked, 40);
}

TEST_F(HistoryApi, AMedianIsOfRunsInTheSameEnvironment) {
  change("UPDATE run SET environment_key = 'e1:another' WHERE id = '" + older_ + "'");
  const json problem = get_problem("/api/v1/compare?a=median:30&b=latest", 404);
  EXPECT_EQ(problem["detail"], "a: no run with results in the same environment is older than the other side");
  EXPECT_FALSE(compare("a=latest~1&b=latest")["same_environment"]);
}

TEST_F(HistoryApi, OfAStackOnlyRunsThatHaveItAreCounted) {
  change("UPDATE trial SET stack = 'other' WHERE stack = 'go-nethttp' AND run_key = (SELECT max(run_key) FROM run)");
  EXPECT_EQ(compare("a=latest&b=latest&stack=go-nethttp")["b"]["runs"], json::array({older_}));
  EXPECT_EQ(compare("a=latest&b=latest&stack=other")["b"]["runs"], json::array({newer_}));
  EXPECT_EQ(get_problem("/api/v1/compare?a=latest&b=latest&stack=nobody", 404)["detail"],
            "b: no run with results matches");
}

TEST_F(HistoryApi, ARunThatGoesOnIsRefusedInWords) {
  const std::string id = tell_run();
  EXPECT_EQ(get_problem("/api/v1/compare?a=latest&b=" + id, 409)["detail"], "b: run " + id + " has not ended yet");
}

TEST_F(HistoryApi, NamesWhatWasAnother) {
  const json all = compare("a=latest~1&b=latest&metric=app_startup_ns");
  for (const json& one : all["differences"]) EXPECT_FALSE(one["in_key"]) << one.dump();
  EXPECT_EQ(all["differences"].dump().find("environment_key"), std::string::npos);
}

TEST_F(HistoryApi, NamesWhatWasAnotherOfTwoCasesOfOneRun) {
  const json stacks = get_json("/api/v1/runs/" + newer_, "Run")["stacks"];
  const auto image_of = [&](const char* const name) {
    for (const json& one : stacks) {
      if (one["name"] == name) return one["image"];
    }
    return json();
  };
  const json all = compare("a=latest&b=latest&a_case=go-nethttp/single&b_case=node-fastify/single");
  json image;
  for (const json& one : all["differences"]) {
    EXPECT_EQ(one["stack"], "node-fastify") << "as in the items";
    EXPECT_FALSE(one["in_key"]) << one.dump();
    if (one["what"] == "image") image = one;
  }
  EXPECT_EQ(image["a"], image_of("go-nethttp"));
  EXPECT_EQ(image["b"], image_of("node-fastify"));
  EXPECT_NE(image["a"], image["b"]);
}

TEST_F(HistoryApi, SeriesAreListedPageByPage) {
  const json first = get_json("/api/v1/series?limit=3&metric=throughput_per_s", "SeriesList");
  ASSERT_EQ(first["items"].size(), 3U);
  const json next = get_json(
      "/api/v1/series?limit=3&metric=throughput_per_s&cursor=" + first["next"].get<std::string>(), "SeriesList");
  EXPECT_NE(next["items"][0]["id"], first["items"][2]["id"]);
  EXPECT_TRUE(get_json("/api/v1/series?stack=nobody", "SeriesList")["items"].empty());
  get_problem("/api/v1/series?cursor=x", 400);
}

TEST_F(HistoryApi, ALineHasAPointForEachRun) {
  const json series =
      get_json("/api/v1/series?limit=1&phase=json/c32&metric=throughput_per_s", "SeriesList")["items"][0];
  const std::string points = series["points"];
  const json line = get_json(points, "Line");
  EXPECT_EQ(line["in_all"], 2);
  EXPECT_EQ(line["items"][1]["run"], newer_);
  EXPECT_EQ(line["items"][0]["range"].size(), 2U) << "two trials";
  EXPECT_EQ(line["segments"].size(), 1U);
  EXPECT_TRUE(get_json(points + "?since=2026-12-01", "Line")["items"].empty());
  EXPECT_EQ(get_json(points + "?until=2026-12-01&points=2", "Line")["items"].size(), 2U);
  get_problem(points + "?since=yesterday", 400);
  get_problem("/api/v1/series/0/points", 404);
  get_problem("/api/v1/series/999999/points", 404);
  get_problem("/api/v1/series/x/points", 404);
}

TEST_F(HistoryApi, NothingCountsAnExcludedRunButALineSaysWhy) {
  const json series =
      get_json("/api/v1/series?limit=1&phase=json/c32&metric=throughput_per_s", "SeriesList")["items"][0];
  const std::string points = series["points"];
  ASSERT_TRUE(repository_.mark(older_, {.note = "kernel updated", .excluded = std::optional("the machine was hot")}));
  json line = get_json(points, "Line");
  EXPECT_EQ(line["in_all"], 1);
  EXPECT_EQ(line["items"][0]["run"], newer_);
  ASSERT_EQ(line["annotations"].size(), 2U);
  EXPECT_EQ(line["annotations"][0]["kind"], "note");
  EXPECT_EQ(line["annotations"][0]["text"], "kernel updated");
  EXPECT_EQ(line["annotations"][1]["kind"], "excluded");
  EXPECT_EQ(line["annotations"][1]["run"], older_);
  EXPECT_EQ(line["annotations"][1]["text"], "the machine was hot");
  get_problem("/api/v1/compare?a=latest~1&b=latest", 404);
  get_problem("/api/v1/compare?a=median:30&b=latest", 404);
  EXPECT_EQ(compare("a=" + older_ + "&b=" + newer_)["a"]["runs"], json::array({older_})) << "it was asked for";
  ASSERT_TRUE(repository_.mark(newer_, {.excluded = std::optional("so was this one")}));
  get_problem("/api/v1/compare?a=latest&b=latest", 404);
  EXPECT_EQ(get_json(points, "Line")["in_all"], 0);
  ASSERT_TRUE(repository_.mark(older_, {.excluded = std::optional<std::string>()}));
  ASSERT_TRUE(repository_.mark(newer_, {.excluded = std::optional<std::string>()}));
  EXPECT_EQ(compare("a=latest~1&b=latest")["a"]["runs"], json::array({older_}));
  EXPECT_EQ(get_json(points, "Line")["in_all"], 2);
}

// Both runs are of one schedule, one night after the other.
TEST_F(HistoryApi, ARunSaysWhoLeadsAndWhatChanged) {
  change("UPDATE run SET schedule = 'nightly'");
  json run = get_json("/api/v1/runs/" + newer_, "Run");
  const json items = get_json("/api/v1/runs/" + newer_ + "/summaries", "SummaryList")["items"];
  EXPECT_EQ(run["verdicts"]["valid"].get<int>() + run["verdicts"]["degraded"].get<int>() +
                run["verdicts"]["invalid"].get<int>(),
            static_cast<int>(items.size()));
  const json& winner = run["winner"];
  EXPECT_EQ(winner["metric"], "throughput_per_s");
  // As the two nights have it together.
  const std::string phase = winner["phase"];
  const json ranked =
      get_json("/api/v1/leaderboard?metric=throughput_per_s&run=" + newer_ + "&phase=" + phase, "Leaderboard");
  int rivals = 0;
  for (const json& row : ranked["boards"][0]["rows"]) {
    ++rivals;
    EXPECT_LE(row["value"], winner["value"]) << row["case"];
    if (row["case"] == winner["case"]) {
      EXPECT_EQ(row["value"], winner["value"]);
      EXPECT_EQ(row["n"], winner["n"]);
    }
  }
  EXPECT_EQ(winner["cases"], rivals);
  EXPECT_FALSE(winner["is_clear"]) << "two nights of two trials decide nothing";
  const json decisions = compare("a=latest~1&b=latest")["decisions"];
  EXPECT_EQ(run["change"]["before"], older_);
  for (const auto& [word, count] : decisions.items()) EXPECT_EQ(run["change"][word], count) << word;
  EXPECT_FALSE(get_json("/api/v1/runs/" + older_, "Run").contains("change")) << "none was before it";
  const json list = get_json("/api/v1/runs", "RunList")["items"];
  EXPECT_EQ(run.erase("decision"), 1U) << "only of a run by itself";
  EXPECT_EQ(list[0], run);
  // Nothing counts the night before.
  ASSERT_TRUE(repository_.mark(older_, {.excluded = std::optional("hot")}));
  EXPECT_FALSE(get_json("/api/v1/runs/" + newer_, "Run").contains("change"));
  ASSERT_TRUE(repository_.mark(older_, {.excluded = std::optional<std::string>()}));
  EXPECT_EQ(get_json("/api/v1/runs", "RunList")["items"][0], run);
}

TEST_F(HistoryApi, ABaselineIsWhatItStandsFor) {
  store::BaselineRepository baselines(*database_);
  context_.baselines = {.all = [&] { return baselines.all(); },
                        .find = [&](const std::string& name) { return baselines.find(name); },
                        .put =
                            [&](const model::Baseline& one, const std::optional<model::Baseline>& before) {
                              return baselines.put(one, before, clock_.wall_now());
                            },
                        .remove = [&](const model::Baseline& before) { return baselines.remove(before); }};
  const auto put = [&](const std::string& name, const std::string& body, Headers headers = {}) {
    headers.emplace_back("content-type", "application/json");
    return ask("PUT", "/api/v1/baselines/" + name, std::move(headers), body);
  };
  const Response made = put("main", "{\"ref\":\"" + older_ + "\"}");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_TRUE(breaks_schema(json::parse(made.body), "Baseline").empty());
  const auto same_but_ref = [](json all) {
    all["a"].erase("ref");
    return all;
  };
  const json direct = compare("a=" + older_ + "&b=latest");
  EXPECT_EQ(same_but_ref(compare("a=baseline:main&b=latest")), same_but_ref(direct));
  EXPECT_EQ(compare("a=baseline:main&b=latest")["a"]["ref"], "baseline:main");
  EXPECT_EQ(compare("a=latest&b=baseline:main")["b"]["runs"], json::array({older_}));
  EXPECT_EQ(put("nights", R"({"ref":"median:30"})").status, 201);
  EXPECT_EQ(same_but_ref(compare("a=baseline:nights&b=latest")), same_but_ref(compare("a=median:30&b=latest")));
  get_problem("/api/v1/compare?a=latest&b=baseline:nights", 422);
  EXPECT_EQ(put("other", R"({"ref":"latest","profile":"standard"})").status, 201);
  get_problem("/api/v1/compare?a=baseline:other&b=latest", 404);
  get_problem("/api/v1/compare?a=baseline:nobody&b=latest", 404);
  get_problem("/api/v1/compare?a=baseline:No&b=latest", 400);

  problem_of_answer(put("main", R"({"ref":"latest"})"), 428);
  problem_of_answer(put("main", R"({"ref":"latest"})", {{"if-match", "\"x\""}}), 412);
  problem_of_answer(put("new", R"({"ref":"latest"})", {{"if-match", "*"}}), 412);
  std::string tag;
  for (const auto& [name, value] : get("/api/v1/baselines/main").headers) tag = name == "ETag" ? value : tag;
  EXPECT_EQ(put("main", R"({"ref":"latest~1"})", {{"if-match", tag}}).status, 200);
  problem_of_answer(put("main", R"({"ref":"latest"})", {{"if-match", tag}}), 412);
  for (const char* const bad : {"{}", R"({"ref":"yesterday"})", R"({"ref":"baseline:main"})", R"({"ref":1})",
                                R"({"ref":"latest","x":1})", R"({"ref":"019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44"})"})
    problem_of_answer(put("bad", bad), 422);
  problem_of_answer(put("Bad", R"({"ref":"latest"})"), 422);
  EXPECT_EQ(get_json("/api/v1/baselines", "BaselineList")["items"].size(), 3U);
  problem_of_answer(ask("DELETE", "/api/v1/baselines/main"), 428);
  EXPECT_EQ(ask("DELETE", "/api/v1/baselines/main", {{"if-match", "*"}}).status, 204);
  get_problem("/api/v1/baselines/main", 404);
  problem_of_answer(ask("DELETE", "/api/v1/baselines/main", {{"if-match", "*"}}), 404);
}

// A line has a point for few of its runs, and the words of all.
TEST_F(HistoryApi, ANoteIsNotThinnedOut) {
  change(R"sql(
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    INSERT INTO run (id, state, trigger, profile, profile_hash, seed, note, blocks, created_at_ns, finished_at_ns, reason, environment_key,
                     expected_ns, measured_ns, co_located)
    SELECT printf('019aa3c2-7c51-7d0e-9b1c-%012d', i), 'succeeded', 'api', profile, profile_hash, 1, printf('night %d', i), 1,
           created_at_ns - i * 86400000000000, 1, '', environment_key, 0, 0, 0
    FROM n, (SELECT * FROM run WHERE created_at_ns = (SELECT min(created_at_ns) FROM run))
  )sql");
  ASSERT_TRUE(database_->write("points", [&](SQLite::Database& connection) -> Status {
    connection.exec(R"sql(
      INSERT INTO point SELECT p.cell_key, r.created_at_ns, r.run_key, p.treatment_key, p.n, p.value, p.spread, p.low, p.high, p.validity, p.bound
      FROM point p JOIN run o ON o.run_key = p.run_key AND o.note = '', run r
      WHERE r.note <> '' AND p.at_ns = (SELECT min(at_ns) FROM point)
    )sql");
    return {};
  }));
  const json series =
      get_json("/api/v1/series?limit=1&phase=json/c32&metric=throughput_per_s", "SeriesList")["items"][0];
  const json line = get_json(series["points"].get<std::string>() + "?points=4", "Line");
  EXPECT_EQ(line["in_all"], 62);
  EXPECT_LE(line["items"].size(), 4U);
  EXPECT_EQ(line["annotations"].size(), 60U);
}

}  // namespace
}  // namespace dyno::api
