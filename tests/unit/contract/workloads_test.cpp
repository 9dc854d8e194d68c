#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "contract/verification.h"
#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;

std::vector<ports::RequestTemplate> load_of(const std::string& name, const Params& params = {},
                                            const RightBodies& right_bodies = {}, std::int64_t users = kUserRows) {
  const Workload& workload = workload_named(name);
  return load_requests(workload, setting_of(workload, params, users), right_bodies);
}

LoadStream stream_of(const std::string& name, const Params& params = {}) {
  const Workload& workload = workload_named(name);
  return load_stream(workload, setting_of(workload, params));
}

TEST(Workloads, AreWhole) {
  std::set<std::string> names;
  for (const Workload& workload : workloads()) {
    EXPECT_TRUE(names.insert(workload.name).second) << workload.name;
    EXPECT_EQ(find_workload(workload.name), &workload);
    EXPECT_FALSE(load_of(workload.name).empty()) << workload.name;
    for (const Depth depth : {Depth::quick, Depth::full})
      EXPECT_FALSE(verification_plan(workload, {"10.0.0.2:8080", 7}, depth).empty()) << workload.name;
  }
  EXPECT_EQ(find_workload("plaintexts"), nullptr);
}

// What stands in for a param that a phase leaves out is a value that the phase could give.
TEST(Workloads, HaveFallbacksWithinTheRangesOfTheirParams) {
  for (const Workload& workload : workloads()) {
    for (const Param& param : workload.params) {
      EXPECT_LE(param.least, param.most) << workload.name << "/" << param.name;
      EXPECT_GE(param.fallback.value_or(param.least), param.least) << workload.name << "/" << param.name;
      EXPECT_LE(param.fallback.value_or(param.most), param.most) << workload.name << "/" << param.name;
      EXPECT_FALSE(param.fallback && !param.instead_of.empty()) << workload.name << "/" << param.name;
    }
  }
}

TEST(Setting, TakesThePhaseAndFillsInTheRest) {
  EXPECT_EQ(setting_of(workload_named("sse"), {{"bytes", 100}}).params, (Params{{"bytes", 100}, {"subscribers", 500}}));
  EXPECT_EQ(setting_of(workload_named("cpu"), {}).params, (Params{{"hash", 10000}}));
  EXPECT_EQ(setting_of(workload_named("cpu"), {{"sieve", 9}}).params, (Params{{"sieve", 9}})) << "not both";
  EXPECT_EQ(setting_of(workload_named("fortunes"), {}).params, Params{});
}

TEST(LoadRequests, AcceptsExactlyTheOnePlaintext) {
  const auto requests = load_of("plaintext", {}, {"something else"});
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].target, "/plaintext");
  EXPECT_THAT(requests[0].accepted_bodies, ElementsAre("Hello, World!"));
}

TEST(LoadRequests, AcceptsTheJsonThatWasFoundRight) {
  const auto requests = load_of("json", {}, {R"({"message": "Hello, World!"})"});
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].target, "/json");
  EXPECT_THAT(requests[0].accepted_bodies, ElementsAre(R"({"message": "Hello, World!"})"));
}

TEST(LoadRequests, AskWhatThePhaseSays) {
  const auto target = [](const std::string& name, const Params& params) { return load_of(name, params).at(0).target; };
  EXPECT_EQ(target("items", {}), "/items/25?m={1..9}");
  EXPECT_EQ(target("items", {{"count", 10}}), "/items/10?m={1..9}");
  EXPECT_EQ(target("db", {}), "/db");
  EXPECT_EQ(target("queries", {}), "/queries?n=1");
  EXPECT_EQ(target("queries", {{"n", 20}}), "/queries?n=20");
  EXPECT_EQ(target("fortunes", {}), "/fortunes");
  EXPECT_EQ(target("fortunes", {{"set", 200}}), "/fortunes?set=200");
  EXPECT_EQ(target("updates", {{"n", 5}}), "/updates?n=5");
  EXPECT_EQ(target("cpu", {}), "/cpu?kind=hash&n=10000");
  EXPECT_EQ(target("cpu", {{"sieve", 1000000}}), "/cpu?kind=sieve&n=1000000");
  EXPECT_EQ(target("cpu_offload", {{"hash", 7}}), "/cpu?kind=hash&n=7&offload=1");
  EXPECT_EQ(load_of("upload", {{"bytes", 4096}}).at(0).body_bytes, 4096)
      << "generated: the largest is longer than a line";
  EXPECT_EQ(load_of("updates").at(0).method, "POST");
}

// A table of 100 000 rows of which 10 000 are asked for is another one: it fits the cache.
TEST(LoadRequests, AskEveryRowThatTheDatabaseHas) {
  EXPECT_EQ(load_of("users").at(0).target, "/users/{1..10000}");
  EXPECT_EQ(load_of("users", {}, {}, 100'000).at(0).target, "/users/{1..100000}");
}

TEST(Verification, AsksNoRowThatTheDatabaseLacks) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::string sent;
    for (const Check& check : verification_plan(workload_named("users"), {"h", seed, 3}, Depth::full)) {
      if (check.name != "users: by value" && check.name.find("at once") == std::string::npos) continue;
      for (const Step& step : check.steps) sent += step.exchange.pieces.at(0);
    }
    const std::regex user("GET /users/[1-3] ");
    EXPECT_TRUE(std::regex_search(sent, user)) << sent;
    const std::regex other("GET /users/([4-9]|[0-9]{2,}) ");
    EXPECT_FALSE(std::regex_search(sent, other)) << sent;
  }
}

TEST(LoadRequests, SendNineRightOrdersToOneWrong) {
  const auto requests = load_of("validate");
  ASSERT_EQ(requests.size(), 10U);
  int wrong = 0;
  for (const auto& request : requests) wrong += request.expected_status == 422 ? 1 : 0;
  EXPECT_EQ(wrong, 1);
}

TEST(LoadRequests, AcceptForEachSampleItsOwnAnswer) {
  const RightBodies bodies = [] {
    RightBodies all;
    for (int i = 0; i < 16; ++i) all.push_back(std::to_string(i));
    return all;
  }();
  const auto requests = load_of("predict", {}, bodies);
  ASSERT_EQ(requests.size(), 16U);
  std::set<std::string> samples;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    samples.insert(requests[i].body);
    EXPECT_THAT(requests[i].accepted_bodies, ElementsAre(std::to_string(i)));
  }
  EXPECT_EQ(samples.size(), 16U);
  // Verification asks the same samples in the same order.
  int shown = 0;
  for (const Check& check : verification_plan(workload_named("predict"), {"h", 1}, Depth::quick)) {
    if (!check.shows_load_body) continue;
    ++shown;
    std::size_t from = 0;
    for (const auto& request : requests) {
      from = check.steps.at(0).exchange.pieces.at(0).find(request.body, from);
      ASSERT_NE(from, std::string::npos);
    }
  }
  EXPECT_EQ(shown, 1);
}

TEST(LoadRequestsDeath, TakeAnAnswerForEverySampleOrNone) {
  EXPECT_DEATH(load_of("predict", {}, RightBodies(15, "{}")), "an answer for each sample");
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A stack's context is its folder, so it has a copy of the model; an older one would be found wrong, or not even that.
TEST(PredictModel, IsTheSameInEveryStackThatHasOne) {
  const fs::path stacks = fs::path(DYNO_SOURCE_DIR) / "stacks";
  const std::string model = text_of(stacks / "schema/predict.model.json");
  ASSERT_FALSE(model.empty());
  int copies = 0;
  for (const char* const folder : {"stacks", "tests/data/stacks"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(DYNO_SOURCE_DIR) / folder)) {
      if (entry.path().filename() != "predict.model.json") continue;
      EXPECT_EQ(text_of(entry.path()), model) << entry.path();
      ++copies;
    }
  }
  EXPECT_GE(copies, 8);
}

TEST(LoadRequests, GoThroughStreamsWhereTheWorkloadIsOne) {
  const LoadStream events = stream_of("sse", {{"subscribers", 20}});
  EXPECT_EQ(events.protocol, ports::LoadProtocol::sse);
  EXPECT_EQ(events.subscribers, 20);
  const auto published = load_of("sse").at(0);
  EXPECT_EQ(published.target, events.request.target) << "published is what the subscribers listen to";
  EXPECT_EQ(published.expected_status, 202);
  EXPECT_EQ(stream_of("ws").request.target, "/ws");
  EXPECT_EQ(load_of("ws").at(0).body_bytes, 64);
  EXPECT_EQ(stream_of("json").protocol, ports::LoadProtocol::http1);
}

// A workload that nobody listed is asked like the others: one of somebody's own is a value, too.
TEST(Workload, IsAValueThatNeedsNoPlaceInTheRegistry) {
  Workload own;
  own.name = "greeting";
  own.params = {{.name = "size", .least = 1, .most = 9, .fallback = 4}};
  own.checks = [](Asking& asking) {
    return std::vector{ask(asking, "greeting: the answer", get("/hi?to=" + asking.draw.word(8)), health_answer())};
  };
  own.requests = [](const Setting& setting, const RightBodies&) {
    return std::vector{load_get("/hi?size=" + std::to_string(setting["size"]))};
  };
  EXPECT_EQ(load_requests(own, setting_of(own, {}), {}).at(0).target, "/hi?size=4");
  EXPECT_EQ(load_stream(own, setting_of(own, {})).protocol, ports::LoadProtocol::http1);
  EXPECT_FALSE(promised_queries(own, setting_of(own, {})));
  const auto asked = [&own](std::string name) {
    own.name = std::move(name);
    return verification_plan(own, {"10.0.0.2:8080", 1}, Depth::full).at(0).steps.at(0).exchange.pieces.at(0);
  };
  EXPECT_EQ(asked("greeting"), asked("greeting"));
  EXPECT_NE(asked("greeting"), asked("greetings")) << "each workload has questions of its own";
}

// The names of workloads belong into their own files: a module that knows one has to change for the next.
TEST(Workloads, AreKnownByNameInTheirOwnRoomOnly) {
  const std::set<std::string> other_things{"json", "users", "items", "cpu", "db"};  // keys of files and answers
  for (const std::string module : {"run", "api", "app", "store", "stackfile"}) {
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(DYNO_SOURCE_DIR) / "daemon" / module)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
      ++files;
      std::ifstream file(entry.path());
      int number = 0;
      for (std::string line; std::getline(file, line);) {
        ++number;
        for (const Workload& workload : workloads()) {
          const bool quoted = line.find('"' + workload.name + '"') != std::string::npos &&
                              (!other_things.contains(workload.name) || line.find("orkload") != std::string::npos);
          const bool made = line.find(workload.name + "_workload") != std::string::npos;
          EXPECT_FALSE(quoted || made) << entry.path().string() << ":" << number << ": " << line;
        }
      }
    }
    EXPECT_GT(files, 0) << module;
  }
}

}  // namespace
}  // namespace dyno::contract
