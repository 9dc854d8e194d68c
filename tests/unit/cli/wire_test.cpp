// The examples in tests/data/api, which the daemon's encoders are held against, are understood here.
#include "cli/wire.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace dyno::cli {
namespace {

std::string example(const std::string& name) {
  std::ifstream stream(std::string(DYNO_SOURCE_DIR) + "/tests/data/api/" + name + ".json");
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

TEST(CliWire, ReadsRuns) {
  const auto run = wire::read_run(example("run"));
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->state, "succeeded");
  EXPECT_EQ(run->seed, "13835058055282163712");
  EXPECT_TRUE(run->co_located);
  ASSERT_EQ(run->stacks.size(), 5U);
  EXPECT_EQ(run->stacks[0].base_kind, "stand_in");
  EXPECT_FALSE(run->stacks[4].image_bytes);
  EXPECT_NE(run->stacks[4].failure, "");
  ASSERT_EQ(run->warnings.size(), 1U);
  EXPECT_EQ(run->warnings[0].gate, "governor");
  EXPECT_EQ(run->warnings[0].text, "frequency governor is powersave");
  EXPECT_EQ(run->stacks[0].title, "Fastify (TypeScript)");
  const auto runs = wire::read_runs(example("runs"));
  ASSERT_TRUE(runs);
  EXPECT_EQ(runs->size(), 3U);
  EXPECT_EQ((*runs)[1].progress->phase, "json/c32");
}

TEST(CliWire, ReadsResults) {
  const auto summaries = wire::read_summaries(example("summaries"));
  ASSERT_TRUE(summaries);
  EXPECT_GT(summaries->size(), 50U);
  const auto trials = wire::read_trials(example("trials"));
  ASSERT_TRUE(trials);
  EXPECT_EQ(trials->back().failure, "never_ready");
  EXPECT_EQ(wire::read_facts(example("environment"))->front().value, "AMD EPYC 9B14");
}

TEST(CliWire, ReadsEvents) {
  const auto sample = wire::read_event("sample", example("live_sample"));
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->rate_per_s, 38102.0);
  EXPECT_EQ(sample->progress->eta_at, "2026-11-23T02:03:40.000Z");
  const auto done = wire::read_event("done", example("event_state"));
  EXPECT_EQ(done->state, "succeeded");
  EXPECT_FALSE(done->progress);
}

TEST(CliWire, MakesTablesOfLists) {
  EXPECT_EQ(wire::stack_table(example("stacks"))->rows.size(), 4U);
  EXPECT_EQ(wire::profile_table(example("profiles"))->rows[0][0], "quick");
  EXPECT_EQ(wire::schedule_table(example("schedules"))->rows[0][5], "2026-11-24T02:30:00+01:00");
  EXPECT_EQ(wire::due_table(example("due"))->rows.size(), 2U);
  const Outcome<Table> fires = wire::fire_table(example("fires"));
  EXPECT_EQ(fires->rows.size(), 2U);
  EXPECT_TRUE(fires->columns[0].instant && fires->columns[1].run) << "as people read them";
  EXPECT_EQ(fires->rows[0][2], "succeeded");
  EXPECT_EQ(wire::member_table(example("stack"))->rows[0], (std::vector<std::string>{"name", "node-fastify"}));
  const std::string objectives =
      R"({"name":"orders","objectives":[{"objective":"idle memory < 120 MiB","file":"stackdyno.yaml","line":12}]})";
  EXPECT_EQ(wire::member_table(objectives)->rows.at(1),
            (std::vector<std::string>{"objectives", "idle memory < 120 MiB (stackdyno.yaml:12)"}));
  EXPECT_EQ(wire::file_problems(example("stacks")),
            "stacks/broken/stack.yaml:14:3: unknown key \"readyness\"; did you mean readiness?\n");
}

TEST(CliWire, SaysEveryFaultOfAProblem) {
  EXPECT_EQ(wire::problem_text(example("problem"), 422),
            "2 problems in the body\n  no stack is named \"node-fastfy\"; did you mean node-fastify?\n"
            "  no profile is named \"quik\"; did you mean quick?")
      << "no JSON pointers for people";
  EXPECT_EQ(wire::problem_text(example("problem_file"), 422),
            "stack.yaml:14:3: unknown key \"readyness\"; did you mean readiness?");
  EXPECT_EQ(wire::problem_text(
                R"({"detail":"1 problem","errors":[{"pointer":"/blocks","detail":"must be 1 or more"}]})", 422),
            "blocks: must be 1 or more");
  EXPECT_EQ(wire::problem_text("<html>", 502), "the daemon answered with status 502");
  EXPECT_EQ(wire::problem_text("{\"detail\":1}", 500), "the daemon answered with status 500");
}

TEST(CliWire, AnAnswerThatIsNotUnderstoodIsAFailure) {
  for (const char* const body : {"", "[]", "{}", "{\"id\":1}", "{\"items\":{}}"}) {
    EXPECT_FALSE(wire::read_run(body)) << body;
  }
  EXPECT_FALSE(wire::read_summaries("{}"));
}

TEST(CliWire, WritesAWish) {
  EXPECT_EQ(wire::new_run({{"a", "b*"}, "quick", 0, "", ""}), R"({"stacks":["a","b*"],"profile":"quick"})");
  EXPECT_EQ(wire::new_run({{"a"}, "quick", 6, "7", "n\"n"}),
            R"({"stacks":["a"],"profile":"quick","blocks":6,"seed":"7","note":"n\"n"})");
}

TEST(CliWire, GivesOneLineForEachItem) {
  EXPECT_EQ(wire::as_ndjson("{\"items\":[{\"a\":1},\n{\"b\":2}],\"next\":\"x\"}"), "{\"a\":1}\n{\"b\":2}\n");
  EXPECT_EQ(wire::as_ndjson("{\"a\":\n1}"), "{\"a\":1}\n");
}

}  // namespace
}  // namespace dyno::cli
