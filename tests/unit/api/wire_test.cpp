// The examples in tests/data/api are what the encoders write: the dashboard decodes the same files.
#include <gtest/gtest.h>

#include "api/tables.h"
#include "api/wire.h"
#include "base/text.h"
#include "schema_check.h"

namespace dyno::api {
namespace {

using nlohmann::json;

constexpr auto kRun = "019aa3c9-0c51-7d0e-9b1c-5f2f6c1d8e45";

WallTime instant(const char* text) { return *parse_instant(text); }

json example(const std::string& name) { return load_json("tests/data/api/" + name + ".json"); }

model::Progress some_progress() {
  return {1, 2, "go-nethttp/single", "loading", "json/c32", 0.31, instant("2026-11-23T02:03:40.000Z")};
}

TEST(Wire, WritesARunUnderWay) {
  const json expected = example("run_live");
  model::Run run;
  run.id = kRun;
  run.state = model::RunState::running;
  run.request.trigger = model::Trigger::schedule;
  run.request.schedule = "nightly-all";
  run.request.nominal_at = instant("2026-11-23T02:00:00.000Z");
  run.request.profile = "quick";
  run.request.seed = 42;
  run.profile_hash = expected["profile"]["hash"];
  run.blocks = 2;
  run.created_at = instant("2026-11-23T02:00:00.012Z");
  run.started_at = instant("2026-11-23T02:00:02.480Z");
  run.environment.key = "e1:5d0c6b1fa2349e77";
  run.warnings = {{model::GateName::governor, model::Validity::degraded, "frequency governor is powersave"}};
  run.expected = std::chrono::seconds(210);
  run.measured = std::chrono::seconds(9);
  run.co_located = true;
  for (const json& row : expected["stacks"]) {
    model::RunStack stack;
    stack.name = row["name"];
    if (row.contains("image")) {
      stack.title = row["title"];
      stack.runtime = row["runtime"];
      stack.stack_class = row["class"];
      stack.hash = row["hash"];
      stack.image_id = row["image"];
      stack.base_kind = row["base_kind"];
      stack.bases = row["bases"][0].get<std::string>() + "\n";
      stack.image_bytes = Bytes{row["image_bytes"]};
      stack.build = Nanos(row["build_ns"].get<std::int64_t>());
      stack.reported_version = row["reported_version"];
    }
    run.stacks.push_back(stack);
  }
  EXPECT_EQ(json::parse(wire::run({run, some_progress()})), expected);
}

TEST(Wire, WritesEventsAndSamples) {
  model::EventRow row;
  row.id = 4711;
  row.run_id = kRun;
  row.at = instant("2026-11-23T02:01:10.250Z");
  row.kind = "phase";
  row.trial_id = "019aa3c9-8001-7d0e-9b1c-000000000001";
  row.case_name = "go-nethttp/single";
  row.phase = "json/c32";
  row.text = "json/c32: 38210/s, 24.9 µs CPU time per request";
  EXPECT_EQ(json::parse(wire::event(row)), example("event"));
  model::LiveSample sample{kRun, some_progress(), 38102.0, 2'410'000, 0, Bytes{9'961'472}};
  EXPECT_EQ(json::parse(wire::live_sample(sample)), example("live_sample"));
  sample.p99_ns.reset();
  sample.private_bytes.reset();
  const json bare = json::parse(wire::live_sample(sample));
  EXPECT_FALSE(bare.contains("p99_ns"));
  EXPECT_FALSE(bare.contains("private_bytes"));
}

TEST(Wire, WritesSchedules) {
  const schedule::DueTime first{instant("2026-11-24T01:30:00.000Z"), "2026-11-24T02:30:00+01:00", ""};
  const schedule::DueTime second{instant("2027-03-28T01:00:00.000Z"), "2027-03-28T03:00:00+02:00",
                                 "02:30 does not exist that day; fires at 03:00"};
  model::Schedule schedule;
  schedule.name = "nightly-all";
  schedule.stacks = {"*"};
  schedule.profile = "quick";
  schedule.cron = "30 2 * * *";
  schedule.time_zone = "Europe/Berlin";
  schedule.jitter = std::chrono::minutes(10);
  schedule.quiet_hours = {std::chrono::hours(8), std::chrono::minutes(18 * 60 + 30)};
  schedule.expect_every = std::chrono::hours(25);
  EXPECT_EQ(json::parse(wire::schedule({schedule, first})), example("schedule"));
  EXPECT_EQ(json::parse(wire::rows(tables::due_times({first, second}), "schedule", "nightly-all")), example("due"));
  const model::Fire fire{"nightly-all",
                         instant("2026-11-23T01:30:00.000Z"),
                         instant("2026-11-23T01:30:00.020Z"),
                         "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44",
                         {},
                         "",
                         1,
                         model::RunState::succeeded};
  const model::Fire skip{"nightly-all",
                         instant("2026-11-22T01:30:00.000Z"),
                         instant("2026-11-22T09:12:00.000Z"),
                         "",
                         model::SkipReason::daemon_down,
                         "the daemon was not running; 7 h 42 min late",
                         3};
  EXPECT_EQ(json::parse(wire::rows(tables::fires({fire, skip}), "schedule", "nightly-all")), example("fires"));
}

TEST(Wire, WritesProblems) {
  Problem problem{422, "invalid-request", "2 problems in the body", {}};
  problem.faults.push_back({"no stack is named \"node-fastfy\"; did you mean node-fastify?", "unknown_reference",
                            "/stacks/0", "", "", 0, 0});
  problem.faults.push_back(
      {"no profile is named \"quik\"; did you mean quick?", "unknown_reference", "/profile", "", "", 0, 0});
  EXPECT_EQ(json::parse(wire::problem(problem, "req-019aa3c5-0001-7000-8000-000000000001")), example("problem"));
  const std::vector<model::Problem> found{
      {"stack.yaml", 14, 3, "/readyness", "unknown_key", "unknown key \"readyness\"; did you mean readiness?"}};
  EXPECT_EQ(json::parse(wire::problem(problem_of(found, "stack.yaml"), "req-019aa3c5-0001-7000-8000-000000000002")),
            example("problem_file"));
}

TEST(Wire, WritesWhatTheDaemonIs) {
  EXPECT_EQ(json::parse(wire::root({"0.1.0", "", 1})), example("root"));
  EXPECT_EQ(json::parse(wire::version({"0.1.0", "a4ba787", 1})), example("version"));
  EXPECT_EQ(
      json::parse(wire::ready({{"database", true, "writable, schema 1"},
                               {"engine", false, "no engine answers at /var/run/docker.sock: connection refused"}})),
      example("ready"));
  EXPECT_EQ(json::parse(wire::rows(tables::metrics())), example("metrics"));
  EXPECT_EQ(json::parse(wire::validated("stack", "node-fastify")), example("validated"));
}

TEST(Wire, WritesQueueAndEnvironment) {
  model::Run running;
  running.id = kRun;
  running.state = model::RunState::running;
  running.created_at = instant("2026-11-23T02:00:00.012Z");
  model::Run waiting;
  waiting.id = "019aa3d0-0c51-7d0e-9b1c-5f2f6c1d8e46";
  waiting.created_at = instant("2026-11-23T02:01:00.000Z");
  EXPECT_EQ(json::parse(wire::queue({{running, 0, "", {}, {}}, {waiting, 1, "1 run before it", {}, {}}})),
            example("queue"));
  const json expected = example("environment");
  model::Run run;
  run.id = expected["run"];
  run.environment.key = expected["key"];
  for (const json& fact : expected["facts"])
    run.environment.facts.push_back({fact["name"], fact["value"], fact["in_key"]});
  run.warnings = {{model::GateName::governor, model::Validity::degraded, "frequency governor is powersave"}};
  EXPECT_EQ(json::parse(wire::environment(run)), expected);
}

// A number that is none must not become null or 0.
TEST(Wire, LeavesOutWhatIsNoNumber) {
  model::LiveSample sample{kRun, some_progress(), std::nan(""), {}, 0, {}};
  EXPECT_FALSE(json::parse(wire::live_sample(sample)).contains("rate_per_s"));
}

TEST(Wire, BrokenTextBecomesValidJson) {
  model::Trial trial;
  trial.id = kRun;
  trial.last_output = "a\xff\x1b[31m\0b";
  EXPECT_FALSE(json::parse(wire::trial(trial), nullptr, false).is_discarded());
}

}  // namespace
}  // namespace dyno::api
