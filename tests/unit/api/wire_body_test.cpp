#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <vector>

#include "api/wire.h"

namespace dyno::api {
namespace {

struct Row {
  std::string name;
  std::string body;
  int status;
  std::string first_fault;  // of errors[], or the detail
};

TEST(WireBody, RefusesWhatIsNotARun) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  const std::vector<Row> rows{
      {"nothing", "", 400, "the body is not JSON"},
      {"no JSON", "{stacks:1}", 400, "the body is not JSON"},
      {"a comment", "{} // x", 400, "the body is not JSON"},
      {"two values", "{}{}", 400, "the body is not JSON"},
      {"a list", "[]", 400, "the body is not a JSON object"},
      {"not UTF-8", "{\"profile\":\"\xff\"}", 400, "the body is not JSON"},
      {"too deep", "{\"stacks\":" + deep + "}", 400, "the body is nested deeper than 32 levels"},
      {"a key twice", R"({"profile":"a","profile":"b","stacks":["a"]})", 400, "the key \"profile\" is duplicated"},
      {"a key twice inside", R"({"profile":"a","stacks":[{"a":1,"a":2}]})", 400, "the key \"a\" is duplicated"},
      {"an unknown key", R"({"profile":"a","stacks":["a"],"sede":"1"})", 422,
       "unknown key \"sede\"; did you mean seed?"},
      {"no stacks", R"({"profile":"a"})", 422, "stacks is missing; it takes names or globs"},
      {"stacks is text", R"({"profile":"a","stacks":"a"})", 422, "stacks must be a list of 1 to 100 names"},
      {"stacks is empty", R"({"profile":"a","stacks":[]})", 422, "stacks must be a list of 1 to 100 names"},
      {"a stack is a number", R"({"profile":"a","stacks":["a",1]})", 422, "the name of a stack must be text"},
      {"no profile", R"({"stacks":["a"]})", 422, "profile is missing"},
      {"profile is null", R"({"stacks":["a"],"profile":null})", 422, "profile must be text"},
      {"blocks is text", R"({"stacks":["a"],"profile":"a","blocks":"6"})", 422,
       "blocks must be a whole number from 1 to 1000"},
      {"no blocks", R"({"stacks":["a"],"profile":"a","blocks":0})", 422,
       "blocks must be a whole number from 1 to 1000"},
      {"too many blocks", R"({"stacks":["a"],"profile":"a","blocks":18446744073709551615})", 422,
       "blocks must be a whole number from 1 to 1000"},
      {"seed is a number", R"({"stacks":["a"],"profile":"a","seed":1})", 422, "seed must be text"},
      {"seed is negative", R"({"stacks":["a"],"profile":"a","seed":"-1"})", 422,
       "seed must be a decimal number of 64 bits, as text"},
      {"seed has 65 bits", R"({"stacks":["a"],"profile":"a","seed":"18446744073709551616"})", 422,
       "seed must be a decimal number of 64 bits, as text"},
  };
  for (const Row& row : rows) {
    const auto run = wire::read_new_run(row.body);
    ASSERT_FALSE(run) << row.name;
    EXPECT_EQ(run.error().status, row.status) << row.name;
    EXPECT_EQ(run.error().faults.empty() ? run.error().detail : run.error().faults[0].detail, row.first_fault)
        << row.name;
  }
}

TEST(WireBody, ListsEveryFault) {
  const auto run = wire::read_new_run(R"({"stacks":[1,2],"sede":"1","seed":true})");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().faults.size(), 5U);
}

// Issue 14, row 25. It was 12 s of CPU and an answer of 6 MB.
TEST(WireBody, Row25CollectingEndsAtAHundredFaults) {
  std::string body = R"({"stacks":["a"],"profile":"p")";
  for (int i = 0; i < 900; ++i) body += fmt::format(R"(,"k{}":1)", i);
  body += fmt::format(R"(,"{}":1}})", std::string(100'000, 'A'));  // the first of them all
  const auto run = wire::read_new_run(body);
  ASSERT_FALSE(run);
  const auto& faults = run.error().faults;
  ASSERT_EQ(faults.size(), kMostFaults + 1);
  EXPECT_EQ(faults.back().detail, "the first 100 problems are listed; there may be more");
  EXPECT_EQ(run.error().detail, "100 problems or more in the body");
  EXPECT_LT(wire::problem(run.error(), "req").size(), 32'000U);
  for (int i = 0; i < 80'000; ++i) body.insert(body.size() - 1, fmt::format(R"(,"l{}":1)", i));
  EXPECT_EQ(wire::read_new_run(body).error().detail, "the body has more than 1000 values");
  EXPECT_EQ(wire::read_new_run(body).error().faults.size(), 0U);
}

TEST(WireBody, TakesTheNumberOfBlocks) {
  const auto run = wire::read_new_run(R"({"stacks":["a"],"profile":"p","blocks":6})");
  ASSERT_TRUE(run) << run.error().detail;
  EXPECT_EQ(run->blocks, 6);
  EXPECT_EQ(wire::read_new_run(R"({"stacks":["a"],"profile":"p"})")->blocks, std::nullopt);
}

TEST(WireBody, TakesTwoStacksToBeToldApart) {
  const auto run = wire::read_new_run(
      R"({"stacks":["a","b"],"profile":"p","compare":{"a":"a","b":"b","within":"15min","metrics":["latency_p99_ns"]}})");
  ASSERT_TRUE(run) << run.error().detail;
  ASSERT_TRUE(run->compare);
  EXPECT_EQ(run->compare->a, "a");
  EXPECT_EQ(run->compare->b, "b");
  EXPECT_EQ(run->compare->within, std::chrono::minutes(15));
  EXPECT_EQ(run->compare->metrics, std::vector<model::MetricName>{model::MetricName::latency_p99_ns});
}

TEST(WireBody, ListsEveryFaultOfAComparison) {
  const auto run = wire::read_new_run(
      R"({"stacks":["a"],"profile":"p","compare":{"a":"a","within":"3s","metrics":["p99","offered_per_s"],"c":1}})");
  ASSERT_FALSE(run);
  std::set<std::string> places;
  for (const Fault& fault : run.error().faults) places.insert(fault.pointer);
  EXPECT_EQ(places, (std::set<std::string>{"/compare/b", "/compare/within", "/compare/metrics/0", "/compare/metrics/1",
                                           "/compare/c"}));
}

TEST(WireBody, BracketsInTextDoNotCount) {
  const auto run =
      wire::read_new_run(R"({"stacks":["a"],"profile":"p","note":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["})");
  ASSERT_TRUE(run) << run.error().detail;
  EXPECT_EQ(run->note.size(), 43U);
}

}  // namespace
}  // namespace dyno::api
