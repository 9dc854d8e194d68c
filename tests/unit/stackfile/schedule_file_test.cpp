#include "stackfile/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "problem_cases.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFile = "schedules/good.yaml";

class BadSchedule : public testing::TestWithParam<ProblemCase> {};

TEST_P(BadSchedule, GivesExactlyTheseProblems) {
  const auto parsed = parse_schedule(GetParam().text, kFile);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_THAT(as_lines(parsed.problems), testing::ElementsAreArray(GetParam().problems));
}

INSTANTIATE_TEST_SUITE_P(Stackfile, BadSchedule,
                         testing::ValuesIn(problem_cases("good_schedule.yaml", "bad_schedules.txt")), case_name);

TEST(ParseSchedule, ReadsEveryKey) {
  const auto parsed = parse_schedule(data_file("good_schedule.yaml"), kFile);
  ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty());
  const model::Schedule& schedule = *parsed.value;
  EXPECT_EQ(schedule.name, "good");
  EXPECT_THAT(schedule.stacks, testing::ElementsAre("node-*", "go-nethttp"));
  EXPECT_EQ(schedule.profile, "standard");
  EXPECT_EQ(schedule.cron, "30 1 * * *");
  EXPECT_EQ(schedule.time_zone, "Europe/Berlin");
  EXPECT_EQ(schedule.budget, 6h);
  EXPECT_EQ(schedule.missed, model::MissedPolicy::skip);
  EXPECT_EQ(schedule.overlap, model::OverlapPolicy::queue);
  EXPECT_FALSE(schedule.enabled);
}

TEST(ParseSchedule, FillsDefaultsFromTheModel) {
  const auto parsed = parse_schedule(
      "schema: schedule/1\nname: small\nstacks: ['*']\nprofile: quick\ncron: '@daily'\ntime_zone: UTC\n", "small.yaml");
  ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty());
  const model::Schedule fallback;
  EXPECT_EQ(parsed.value->budget, fallback.budget);
  EXPECT_EQ(parsed.value->missed, fallback.missed);
  EXPECT_EQ(parsed.value->overlap, fallback.overlap);
  EXPECT_TRUE(parsed.value->enabled);
}

}  // namespace
}  // namespace dyno::stackfile
