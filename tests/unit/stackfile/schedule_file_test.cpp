#include "stackfile/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "problem_cases.h"
#include "schedule/due_times.h"

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

TEST(ParseSchedule, ReadsThePoliciesAndTheOlderWords) {
  const std::string head =
      "schema: schedule/1\nname: good\nstacks: ['*']\nprofile: quick\ncron: '@daily'\ntime_zone: UTC\n";
  const auto parsed =
      parse_schedule(head +
                         "missed: all\nmissed_within: 12h\noverlap: replace\nstart_deadline: 4h\njitter: 10min\n"
                         "quiet_hours: 22:30-06:00\nexpect_every: 25h\nonly_if_changed: 7d\n",
                     kFile);
  ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty());
  EXPECT_EQ(parsed.value->missed, model::MissedPolicy::all);
  EXPECT_EQ(parsed.value->missed_within, 12h);
  EXPECT_EQ(parsed.value->overlap, model::OverlapPolicy::replace);
  EXPECT_EQ(parsed.value->start_deadline, 4h);
  EXPECT_EQ(parsed.value->jitter, 10min);
  EXPECT_EQ(parsed.value->quiet_hours, (model::DailyHours{22h + 30min, 6h}));
  EXPECT_EQ(parsed.value->expect_every, 25h);
  EXPECT_EQ(parsed.value->only_if_changed, 168h);
  for (const auto& [word, policy] :
       {std::pair("none", model::MissedPolicy::skip), std::pair("skip", model::MissedPolicy::skip),
        std::pair("latest", model::MissedPolicy::run_once), std::pair("run_once", model::MissedPolicy::run_once)})
    EXPECT_EQ(parse_schedule(head + "missed: " + word + "\n", kFile).value->missed, policy) << word;
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

// Issue 14, row 23: what the scheduler would never fire is refused, and what it knows is taken.
struct DueLine {
  const char* key;
  const char* now;
  std::vector<std::string> problems;
};

TEST(ParseSchedule, Row23_AsksTheSchedulerWhatALineMeans) {
  const DueLine lines[] = {
      {"cron", "99 99 * * *", {"5:7 /cron bad_cron cron: minute: 99 is not within 0–59"}},
      {"cron", "0 24 * * *", {"5:7 /cron bad_cron cron: hour: 24 is not within 0–23"}},
      {"cron",
       "0 0 30 2 *",
       {"5:7 /cron bad_cron cron: day of month: no month \"2\" has a day \"30\", so it is never due"}},
      {"cron", "@dayly", {"5:7 /cron bad_cron cron: \"@dayly\" is not a known schedule word; did you mean @daily?"}},
      {"time_zone",
       "Europe/Berln",
       {"6:12 /time_zone unknown_time_zone time_zone: the system has no time zone \"Europe/Berln\" (an IANA name such "
        "as "
        "Europe/Berlin); did you mean Europe/Berlin?"}},
      {"cron", "H H(1-4) * * *", {}},
      {"cron", "0 0 29 2 *", {}},
      {"cron", "0 0 L * mon", {}},
  };
  for (const DueLine& line : lines) {
    std::string text = "schema: schedule/1\nname: good\nstacks: [x1]\nprofile: quick\n";
    text += std::string("cron: \"") + (line.key == std::string("cron") ? line.now : "30 1 * * *") + "\"\n";
    text += std::string("time_zone: ") + (line.key == std::string("time_zone") ? line.now : "Europe/Berlin") + "\n";
    const auto parsed = parse_schedule(text, kFile);
    EXPECT_THAT(as_lines(parsed.problems), testing::ElementsAreArray(line.problems)) << line.now;
    EXPECT_EQ(parsed.value.has_value(), line.problems.empty()) << line.now;
    if (parsed.value) {
      EXPECT_TRUE(schedule::make_timetable(*parsed.value)) << line.now;
    }
  }
}

}  // namespace
}  // namespace dyno::stackfile
