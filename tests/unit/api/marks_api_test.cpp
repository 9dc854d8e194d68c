// What somebody says of a run over REST: note, tags, pinned, excluded; what then counts it, and what shows it.
#include <gtest/gtest.h>

#include "api_fixture.h"
#include "schema_check.h"

namespace dyno::api {
namespace {

using nlohmann::json;

class MarksApi : public ApiFixture {
 protected:
  MarksApi() {
    context_.runs.mark = [this](const std::string& id, const model::MarkChange& change,
                                const std::optional<model::Marks>& before) {
      return repository_.mark(id, change, before);
    };
  }

  Response patch(const std::string& id, const std::string& body, Headers headers = {}) {
    headers.emplace_back("content-type", "application/json");
    return ask("PATCH", "/api/v1/runs/" + id, std::move(headers), body);
  }
  json patched(const std::string& id, const std::string& body) {
    const Response answer = patch(id, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    auto run = json::parse(answer.body);
    const auto faults = breaks_schema(run, "Run");
    EXPECT_TRUE(faults.empty()) << faults.front();
    return run;
  }
  static std::string tag_of(const Response& answer) {
    for (const auto& [name, value] : answer.headers) {
      if (name == "ETag") return value;
    }
    return {};
  }
  std::vector<std::string> listed(const std::string& query) {
    std::vector<std::string> ids;
    const json list = get_json("/api/v1/runs?" + query, "RunList");
    for (const json& run : list["items"]) ids.push_back(run["id"]);
    return ids;
  }
};

TEST_F(MarksApi, ChangesWhatIsGivenAndNothingElse) {
  const std::string id = queue_run();
  EXPECT_EQ(patched(id, "{}")["tags"], json::array());
  json run = patched(id, R"({"note":"first","tags":["b","a","b"],"pinned":true})");
  EXPECT_EQ(run["note"], "first");
  EXPECT_EQ(run["tags"], json::array({"a", "b"}));
  EXPECT_TRUE(run["pinned"]);
  EXPECT_FALSE(run.contains("excluded"));
  run = patched(id, R"({"excluded":"the machine was hot"})");
  EXPECT_EQ(run["excluded"], "the machine was hot");
  EXPECT_EQ(run["note"], "first");
  run = patched(id, R"({"excluded":null,"note":"","tags":[],"pinned":false})");
  EXPECT_FALSE(run.contains("excluded"));
  EXPECT_FALSE(run.contains("note"));
  EXPECT_EQ(run["tags"], json::array());
  EXPECT_FALSE(run["pinned"]);
  EXPECT_EQ(get_json("/api/v1/runs/" + id, "Run"), run);
}

TEST_F(MarksApi, NobodysChangeIsLost) {
  const std::string id = queue_run();
  const std::string before = tag_of(get("/api/v1/runs/" + id));
  ASSERT_FALSE(before.empty()) << "a run that waits has one, too";
  EXPECT_EQ(patch(id, R"({"tags":["mine"]})", {{"if-match", before}}).status, 200);
  problem_of_answer(patch(id, R"({"tags":["yours"]})", {{"if-match", before}}), 412);
  EXPECT_EQ(get_json("/api/v1/runs/" + id, "Run")["tags"], json::array({"mine"}));
  EXPECT_EQ(patch(id, R"({"tags":["yours"]})", {{"if-match", "*"}}).status, 200);
  // What goes on by itself is no change of somebody.
  const std::string going_on = tell_run();
  const std::string seen = tag_of(get("/api/v1/runs/" + going_on));
  finish(going_on);
  EXPECT_EQ(patch(going_on, R"({"pinned":true})", {{"if-match", seen}}).status, 200);
  // Between the look and the write.
  const model::Marks old = reader_.run(id)->marks;
  EXPECT_EQ(patch(id, R"({"note":"new"})").status, 200);
  EXPECT_EQ(repository_.mark(id, {.note = "mine"}, old).error().code, ErrorCode::conflict);
}

TEST_F(MarksApi, RefusesInWordsAndLeavesEverything) {
  const std::string id = queue_run();
  patched(id, R"({"note":"kept","tags":["kept"]})");
  const json before = get_json("/api/v1/runs/" + id, "Run");
  const std::string long_text(2001, 'x');
  const std::string long_tag(41, 'x');
  std::string many = "\"t0\"";
  for (int i = 1; i < 21; ++i) many += ",\"t" + std::to_string(i) + "\"";
  const std::string rows[] = {R"({"tags":"release"})",
                              R"({"tags":["Release"]})",
                              R"({"tags":["a b"]})",
                              R"({"tags":[""]})",
                              R"({"tags":[1]})",
                              "{\"tags\":[\"" + long_tag + "\"]}",
                              "{\"tags\":[" + many + "]}",
                              "{\"note\":\"" + long_text + "\"}",
                              R"({"note":null})",
                              R"({"pinned":1})",
                              R"({"excluded":true})",
                              R"({"excluded":" "})",
                              "{\"excluded\":\"" + long_text + "\"}",
                              R"({"note":"x","state":"failed"})"};
  for (const std::string& row : rows) problem_of_answer(patch(id, row), 422);
  problem_of_answer(patch(id, "["), 400);
  problem_of_answer(patch(id, R"({"note":"a","note":"b"})"), 400);
  problem_of_answer(ask("PATCH", "/api/v1/runs/" + id, {{"content-type", "text/plain"}}, "{}"), 415);
  problem_of_answer(patch("019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44", "{}"), 404);
  get_problem("/api/v1/runs?pinned=yes", 400);
  EXPECT_EQ(get_json("/api/v1/runs/" + id, "Run"), before);
}

TEST_F(MarksApi, ListsWhatIsAskedFor) {
  const std::string a = queue_run();
  clock_.advance(std::chrono::seconds(1));
  const std::string b = queue_run();
  clock_.advance(std::chrono::seconds(1));
  const std::string c = queue_run();
  patched(a, R"({"tags":["x"],"pinned":true})");
  patched(b, R"({"tags":["x","y"],"excluded":"no"})");
  using Ids = std::vector<std::string>;
  EXPECT_EQ(listed("tag=x"), (Ids{b, a}));
  EXPECT_EQ(listed("tag=y&tag=z"), (Ids{b}));
  EXPECT_EQ(listed("pinned=true"), (Ids{a}));
  EXPECT_EQ(listed("pinned=false&excluded=false"), (Ids{c}));
  EXPECT_EQ(listed("excluded=true"), (Ids{b}));
  const json first = get_json("/api/v1/runs?tag=x&limit=1", "RunList");
  EXPECT_EQ(listed("tag=x&limit=1&cursor=" + first["next"].get<std::string>()), (Ids{a}));
  get_problem("/api/v1/runs?tag=y&limit=1&cursor=" + first["next"].get<std::string>(), 400);
}

}  // namespace
}  // namespace dyno::api
