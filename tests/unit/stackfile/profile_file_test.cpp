#include "stackfile/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "problem_cases.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kFile = "profiles/good.yaml";

class BadProfile : public testing::TestWithParam<ProblemCase> {};

TEST_P(BadProfile, GivesExactlyTheseProblems) {
  const auto parsed = parse_profile(GetParam().text, kFile);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_THAT(as_lines(parsed.problems), testing::ElementsAreArray(GetParam().problems));
}

INSTANTIATE_TEST_SUITE_P(Stackfile, BadProfile,
                         testing::ValuesIn(problem_cases("good_profile.yaml", "bad_profiles.txt")), case_name);

TEST(ParseProfile, ReadsEveryKey) {
  const std::string text = data_file("good_profile.yaml");
  const auto parsed = parse_profile(text, kFile);
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  const model::Profile& profile = *parsed.value;
  EXPECT_EQ(profile.name, "good");
  EXPECT_EQ(profile.purpose, "Every key once.");
  EXPECT_EQ(profile.blocks, 3);
  EXPECT_EQ(profile.order, model::OrderKind::listed);
  EXPECT_FALSE(profile.reverse_alternate_blocks);
  EXPECT_FALSE(profile.placement.automatic);
  EXPECT_EQ(profile.placement.stack_cpus, 2);
  EXPECT_EQ(profile.placement.load_cpus, 1);
  EXPECT_FALSE(profile.placement.database_shared_with_load);
  EXPECT_EQ(profile.mode, model::Mode::scaled);
  ASSERT_TRUE(profile.database.has_value());
  EXPECT_EQ(profile.database->connections, 20);
  EXPECT_EQ(profile.database->users, 10000);
  EXPECT_EQ(profile.database->variant, "no_index");
  EXPECT_EQ(profile.startup.warm, 4);
  EXPECT_EQ(profile.startup.cache_cold, 2);
  EXPECT_EQ(profile.memory.idle, 2s);
  EXPECT_EQ(profile.memory.after, 5s);
  EXPECT_EQ(profile.memory.sample_every, 50ms);
  EXPECT_EQ(profile.warm_up.kind, model::WarmUpKind::until_steady);
  EXPECT_EQ(profile.warm_up.min, 3s);
  EXPECT_EQ(profile.warm_up.max, 20s);
  EXPECT_DOUBLE_EQ(profile.gates.errors_max, 0.001);
  EXPECT_DOUBLE_EQ(profile.gates.late_max, 0.01);
  EXPECT_DOUBLE_EQ(profile.gates.load_worker_max, 0.8);
  EXPECT_EQ(profile.hash, "sha256:" + sha256_hex(text));
}

TEST(ParseProfile, ExpandsLevelsAndNamesEveryPhaseOnce) {
  const auto parsed = parse_profile(data_file("good_profile.yaml"), kFile);
  ASSERT_TRUE(parsed.value.has_value());
  std::vector<std::string> names;
  for (const auto& phase : parsed.value->phases) names.push_back(phase.name);
  EXPECT_THAT(names, ElementsAre("json/c32", "json/c32/r60%json_cap", "json/c32/r1000", "queries/n20/c16",
                                 "queries/n20/c64", "json/c32#2"));
}

TEST(ParseProfile, ReadsRates) {
  const auto parsed = parse_profile(data_file("good_profile.yaml"), kFile);
  ASSERT_TRUE(parsed.value.has_value());
  const auto& phases = parsed.value->phases;
  EXPECT_TRUE(std::holds_alternative<std::monostate>(phases[0].rate));
  EXPECT_EQ(phases[0].as, "json_cap");
  EXPECT_DOUBLE_EQ(std::get<model::ShareOfCap>(phases[1].rate).share, 0.6);
  EXPECT_EQ(std::get<model::ShareOfCap>(phases[1].rate).cap, "json_cap");
  EXPECT_DOUBLE_EQ(std::get<Rate>(phases[2].rate).per_s, 1000);
  EXPECT_EQ(phases[2].measure, 500ms);
  EXPECT_EQ(phases[3].params.at("n"), 20);
}

TEST(ParseProfile, LetsOnlyAnOpenLoopBeMeasuredForLonger) {
  const auto problems = [](const std::string& phase) {
    return as_lines(parse_profile("schema: profile/1\nname: slow\npurpose: x\nblocks: 1\nplacement: auto\n"
                                  "warm_up: {kind: fixed, each: 1s}\nphases:\n"
                                  "  - {workload: json, connections: 16, measure: 5s, " +
                                      phase + "}\n",
                                  "slow.yaml")
                        .problems);
  };
  EXPECT_THAT(problems("loop: open, rate: 50/s, measure_max: 30s"), IsEmpty());
  EXPECT_THAT(problems("loop: open, rate: 50/s, measure_max: 5s"), IsEmpty());
  EXPECT_THAT(
      problems("loop: open, rate: 50/s, measure_max: 4s"),
      ElementsAre("8:89 /phases/0/measure_max out_of_range measure_max is 4s; it must be at least measure, 5.00 s"));
  EXPECT_THAT(problems("loop: closed, measure_max: 30s"),
              ElementsAre(testing::HasSubstr("a closed loop has no rate that could be too low")));
}

TEST(ParseProfile, ReadsWorkBesideAPhase) {
  const std::string text =
      "schema: profile/1\nname: mixed\npurpose: x\nblocks: 1\nplacement: auto\nwarm_up: {kind: fixed, each: 1s}\n"
      "phases:\n"
      "  - {workload: json, loop: open, rate: 200/s, connections: 16, measure: 5s}\n"
      "  - {workload: json, loop: open, rate: 200/s, connections: 16, measure: 5s,"
      " beside: {workload: cpu, connections: 4, params: {hash: 50000}}}\n";
  const auto parsed = parse_profile(text, "mixed.yaml");
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  const auto& phases = parsed.value->phases;
  ASSERT_EQ(phases.size(), 2U);
  EXPECT_FALSE(phases[0].beside);
  ASSERT_TRUE(phases[1].beside);
  EXPECT_EQ(phases[1].beside->workload, "cpu");
  EXPECT_EQ(phases[1].beside->connections, 4);
  EXPECT_EQ(phases[1].beside->params.at("hash"), 50000);
  EXPECT_EQ(phases[1].name, "json/c16/r200+cpu/hash50000/c4");
  std::string wrong = text;
  wrong.replace(wrong.find("connections: 4"), 14, "loop: open");
  EXPECT_THAT(as_lines(parse_profile(wrong, "mixed.yaml").problems), testing::SizeIs(2));
}

TEST(ParseProfile, FillsDefaultsFromTheModel) {
  const auto parsed = parse_profile(
      "schema: profile/1\nname: small\npurpose: x\nblocks: 1\nplacement: auto\nwarm_up: {kind: fixed, each: 1s}\n"
      "phases: [{workload: json, loop: closed, connections: 1, measure: 1s}]\n",
      "small.yaml");
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  const model::Profile fallback;
  EXPECT_TRUE(parsed.value->placement.automatic);
  EXPECT_FALSE(parsed.value->database.has_value());
  EXPECT_EQ(parsed.value->memory.idle, fallback.memory.idle);
  EXPECT_EQ(parsed.value->startup.warm, fallback.startup.warm);
  EXPECT_DOUBLE_EQ(parsed.value->gates.late_max, fallback.gates.late_max);
}

}  // namespace
}  // namespace dyno::stackfile
