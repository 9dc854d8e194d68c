// Schedules that are made, changed, paused and run over REST: handlers, parser, store, scheduler and queue, over restarts too.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "small_daemon.h"

namespace dyno::seams {
namespace {

using fakes::FakeClock;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* kYaml =
    "schema: schedule/1\nname: minutely\nstacks: [alpha]\nprofile: quick\ncron: '* * * * *'\ntime_zone: UTC\n";
constexpr const char* kJson =
    R"({"name":"minutely","stacks":["alpha"],"profile":"quick","cron":"*/2 * * * *","time_zone":"UTC"})";

class ScheduleSeam : public testing::Test {
 protected:
  ScheduleSeam() : database_(std::move(store::Database::open_in_memory().value())) {
    clock_.set_wall(*parse_instant("2026-11-23T01:59:30.000Z"));
    model::Schedule nightly;
    nightly.name = "nightly";
    nightly.stacks = {"beta"};
    nightly.profile = "quick";
    nightly.cron = "0 4 * * *";
    nightly.time_zone = "UTC";
    of_files_ = {nightly};
    restart();
  }

  void restart() {
    daemon_.reset();
    daemon_ = std::make_unique<SmallDaemon>(*database_, clock_, stage_, small_catalog(of_files_));
    clock_.await_waiters(1);
  }
  void pass(Nanos time) {
    for (Nanos left = time; left > Nanos::zero(); left -= 15s) {
      clock_.await_waiters(1);
      clock_.advance(std::min<Nanos>(left, 15s));
    }
    clock_.await_waiters(1);
  }
  api::Response ask(const std::string& method, const std::string& path, api::Headers headers = {},
                    const std::string& body = {}) {
    return daemon_->ask(method, "/api/v1/schedules" + path, std::move(headers), body);
  }
  api::Response yaml(const std::string& method, const std::string& path, api::Headers headers,
                     const std::string& body) {
    headers.emplace_back("content-type", "application/yaml");
    return ask(method, path, std::move(headers), body);
  }
  api::Response as_json(const std::string& method, const std::string& path, api::Headers headers,
                        const std::string& body) {
    headers.emplace_back("content-type", "application/json");
    return ask(method, path, std::move(headers), body);
  }
  static std::string header(const api::Response& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return "";
  }
  std::vector<std::string> fires(const std::string& name) const {
    std::vector<std::string> lines;
    const auto read = store::Reader(*database_).fires(name, 100);
    if (!read) return {read.error().message};
    for (const model::Fire& fire : *read) {
      const std::string what = fire.skipped ? std::string(to_string(*fire.skipped)) : "fired";
      lines.insert(lines.begin(), format_instant(fire.nominal_at).substr(11, 5) + " " + what);
    }
    return lines;
  }

  FakeClock clock_{FakeClock::Mode::manual};
  std::unique_ptr<store::Database> database_;
  Stage stage_;
  std::vector<model::Schedule> of_files_;
  std::unique_ptr<SmallDaemon> daemon_;
};

using Lines = std::vector<std::string>;

TEST_F(ScheduleSeam, FiresWhatIsStoredAndOverARestart) {
  const api::Response made = yaml("POST", "", {}, kYaml);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(header(made, "Location"), "/api/v1/schedules/minutely");
  const json body = json::parse(made.body);
  EXPECT_EQ(body["source"], "api");
  EXPECT_EQ(body["text"], kYaml);
  EXPECT_EQ(body["fit"]["fits"], true);
  pass(60s);
  stage_.await_begun(1);
  stage_.let_go();
  stage_.await_succeeded(1);
  restart();
  pass(60s);
  stage_.await_begun(2);
  EXPECT_EQ(fires("minutely"), (Lines{"02:00 fired", "02:01 fired"}));
  EXPECT_EQ(json::parse(ask("GET", "").body)["items"].size(), 2U);
}

TEST_F(ScheduleSeam, ExpectsARunToTakeAsLongAsOneOfTheSameStacks) {
  ASSERT_EQ(yaml("POST", "", {}, kYaml).status, 201);
  pass(60s);
  stage_.await_begun(1);
  stage_.let_go();
  stage_.await_succeeded(1);
  EXPECT_TRUE(json::parse(ask("GET", "/minutely").body)["fit"].contains("run"));
  std::string of_another = kYaml;
  of_another.replace(of_another.find("alpha"), 5, "beta");
  const api::Response changed = yaml("PUT", "/minutely", {{"if-match", "*"}}, of_another);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_FALSE(json::parse(changed.body)["fit"].contains("run"));
}

TEST_F(ScheduleSeam, ChangesAndRemovesOnlyWhatTheClientKnows) {
  ASSERT_EQ(as_json("POST", "", {}, kJson).status, 201);
  EXPECT_EQ(as_json("POST", "", {}, kJson).status, 409) << "there is one";
  EXPECT_EQ(yaml("PUT", "/minutely", {}, kYaml).status, 428);
  const std::string first = header(ask("GET", "/minutely"), "ETag");
  ASSERT_FALSE(first.empty());
  ASSERT_EQ(yaml("PUT", "/minutely", {{"if-match", first}}, kYaml).status, 200);
  EXPECT_EQ(json::parse(ask("GET", "/minutely").body)["cron"], "* * * * *");
  EXPECT_EQ(yaml("PUT", "/minutely", {{"if-match", first}}, kYaml).status, 412) << "changed since";
  EXPECT_EQ(ask("DELETE", "/minutely", {{"if-match", first}}).status, 412);
  const std::string second = header(ask("GET", "/minutely"), "ETag");
  pass(60s);
  EXPECT_NE(header(ask("GET", "/minutely"), "ETag"), second) << "its next due time is another";
  EXPECT_EQ(ask("DELETE", "/minutely", {{"if-match", second}}).status, 204) << "and the definition the same";
  EXPECT_EQ(ask("GET", "/minutely").status, 404);
  EXPECT_EQ(ask("DELETE", "/minutely", {{"if-match", second}}).status, 404);
  const api::Response history = ask("GET", "/minutely/history");
  ASSERT_EQ(history.status, 200) << "it stays";
  EXPECT_EQ(json::parse(history.body)["items"].size(), 1U);
  EXPECT_EQ(ask("GET", "/none/history").status, 404);
}

TEST_F(ScheduleSeam, LeavesThoseOfFilesAlone) {
  const api::Response changed = yaml("PUT", "/nightly", {{"if-match", "*"}}, kYaml);
  EXPECT_EQ(changed.status, 409);
  EXPECT_NE(changed.body.find("the schedule \\\"nightly\\\" is in a file: change it there"), std::string::npos)
      << changed.body;
  EXPECT_EQ(ask("DELETE", "/nightly", {{"if-match", "*"}}).status, 409);
  std::string same_name = kYaml;
  same_name.replace(same_name.find("minutely"), 8, "nightly");
  EXPECT_EQ(yaml("POST", "", {}, same_name).status, 409);
}

TEST_F(ScheduleSeam, SaysWhatIsWrongWithIt) {
  const api::Response wrong =
      as_json("POST", "", {},
              R"({"name":"minutely","stacks":["alpha"],"profile":"quick","cron":"61 * * * *","time_zone":"UTC"})");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(json::parse(wrong.body)["errors"][0]["pointer"], "/cron");
  EXPECT_FALSE(json::parse(wrong.body)["errors"][0].contains("line")) << "that of a text which the client never saw";
  EXPECT_EQ(as_json("POST", "", {}, "[]").status, 400);
  EXPECT_EQ(ask("POST", "", {{"content-type", "text/plain"}}, kYaml).status, 415);
  EXPECT_EQ(yaml("PUT", "/none", {{"if-match", "*"}}, kYaml).status, 404);
  ASSERT_EQ(yaml("POST", "", {}, kYaml).status, 201);
  std::string other_name = kYaml;
  other_name.replace(other_name.find("minutely"), 8, "hourly");
  EXPECT_EQ(yaml("PUT", "/minutely", {{"if-match", "*"}}, other_name).status, 422);
}

TEST_F(ScheduleSeam, KeepsAPauseOverARestartAndRecordsIt) {
  ASSERT_EQ(yaml("POST", "", {}, kYaml).status, 201);
  for (const char* name : {"/minutely", "/nightly"}) {
    const api::Response paused = ask("POST", std::string(name) + "/pause");
    ASSERT_EQ(paused.status, 200) << paused.body;
    EXPECT_EQ(json::parse(paused.body)["paused_at"], "2026-11-23T01:59:30.000Z");
    EXPECT_FALSE(json::parse(paused.body).contains("next"));
  }
  restart();
  pass(60s);
  EXPECT_EQ(fires("minutely"), Lines{"02:00 paused"});
  EXPECT_EQ(ask("POST", "/minutely/resume").status, 200);
  pass(60s);
  EXPECT_EQ(fires("minutely"), (Lines{"02:00 paused", "02:01 fired"}));
  EXPECT_EQ(ask("POST", "/none/pause").status, 404);
}

TEST_F(ScheduleSeam, RunsNowWhateverAPauseSaysAndObeysOverlap) {
  ASSERT_EQ(ask("POST", "/nightly/pause").status, 200);
  const api::Response now = ask("POST", "/nightly/run");
  ASSERT_EQ(now.status, 202) << now.body;
  const json run = json::parse(now.body);
  EXPECT_EQ(run["trigger"], "manual");
  EXPECT_EQ(run["schedule"], "nightly");
  stage_.await_begun(1);
  const api::Response again = ask("POST", "/nightly/run");
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(again.body.find("previous run has not ended"), std::string::npos) << again.body;
  EXPECT_EQ(ask("POST", "/nightly/run?force=true").status, 202);
  EXPECT_EQ(ask("POST", "/nightly/run?force=1").status, 400);
  EXPECT_EQ(ask("POST", "/none/run").status, 404);
  stage_.let_go(2);
  stage_.await_succeeded(2);
}

TEST_F(ScheduleSeam, ReplacesEveryRunOfItHoweverManyCameAfterTheOneUnderWay) {
  of_files_[0].overlap = model::OverlapPolicy::replace;
  restart();
  ASSERT_EQ(ask("POST", "/nightly/run").status, 202);
  stage_.await_begun(1);
  for (int i = 0; i < 60; ++i) ASSERT_EQ(ask("POST", "/nightly/run?force=true").status, 202) << i;
  const api::Response last = ask("POST", "/nightly/run");
  ASSERT_EQ(last.status, 202) << last.body;
  const std::string id = json::parse(last.body)["id"];
  for (int begun = 2; stage_.begun().back() != id && !HasFailure(); ++begun) stage_.await_begun(begun);
  EXPECT_EQ(store::Reader(*database_).open_runs("nightly")->size(), 1U);
}

}  // namespace
}  // namespace dyno::seams
