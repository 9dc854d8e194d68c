#include "schedule/cron.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dyno::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::year_month_day;

template <std::size_t N>
std::vector<int> values_of(const std::bitset<N>& set) {
  std::vector<int> values;
  for (std::size_t i = 0; i < N; ++i) {
    if (set[i]) values.push_back(static_cast<int>(i));
  }
  return values;
}

using Values = std::vector<int>;

TEST(Cron, ReadsNumbersNamesRangesStepsAndLists) {
  const auto cron = parse_cron("5,10-12,50/4 */8 1,15-17/2 jan,Mar-MAY mon-fri", "s");
  ASSERT_TRUE(cron) << cron.error().message;
  EXPECT_EQ(values_of(cron->minutes), (Values{5, 10, 11, 12, 50, 54, 58}));
  EXPECT_EQ(values_of(cron->hours), (Values{0, 8, 16}));
  EXPECT_EQ(values_of(cron->days), (Values{1, 15, 17}));
  EXPECT_EQ(values_of(cron->months), (Values{1, 3, 4, 5}));
  EXPECT_EQ(values_of(cron->weekdays), (Values{1, 2, 3, 4, 5}));
  EXPECT_TRUE(cron->days_restricted && cron->weekdays_restricted && cron->interval);
}

TEST(Cron, TakesSundayAsZeroAndAsSeven) {
  EXPECT_EQ(values_of(parse_cron("0 0 * * 0", "s")->weekdays), Values{0});
  EXPECT_EQ(values_of(parse_cron("0 0 * * 7", "s")->weekdays), Values{0});
  EXPECT_EQ(values_of(parse_cron("0 0 * * 5-7", "s")->weekdays), (Values{0, 5, 6}));
  EXPECT_EQ(values_of(parse_cron("0 0 * * *", "s")->weekdays).size(), 7U);
  EXPECT_EQ(values_of(parse_cron("0 0 * * */2", "s")->weekdays), (Values{0, 2, 4, 6}));
}

TEST(Cron, KnowsTheUsualNames) {
  const struct {
    const char* name;
    const char* line;
  } cases[] = {{"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
               {"@weekly", "0 0 * * 0"},  {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
               {"@annually", "0 0 1 1 *"}};
  for (const auto& c : cases) EXPECT_EQ(*parse_cron(c.name, "s"), *parse_cron(c.line, "s")) << c.name;
}

TEST(Cron, TellsIntervalsFromFixedTimes) {
  for (const char* line : {"* * * * *", "0 * * * *", "0 */2 * * *", "@hourly"})
    EXPECT_TRUE(parse_cron(line, "s")->interval) << line;
  for (const char* line : {"* 2 * * *", "0 0-23 * * *", "0 H * * *", "0 1,2 * * *", "@daily"})
    EXPECT_FALSE(parse_cron(line, "s")->interval) << line;
}

TEST(Cron, NamesTheFieldAndWhatWouldBeRight) {
  const struct {
    const char* line;
    const char* message;
  } cases[] = {
      {"* * * *", "\"* * * *\" has 4 fields, not 5: minute, hour, day of month, month, day of week"},
      {"0 0 2 * * *", "\"0 0 2 * * *\" has 6 fields, not 5: minute, hour, day of month, month, day of week"},
      {"", "\"\" has 0 fields, not 5: minute, hour, day of month, month, day of week"},
      {"60 * * * *", "minute: 60 is not within 0–59"},
      {"0 24 * * *", "hour: 24 is not within 0–23"},
      {"0 0 0 * *", "day of month: 0 is not within 1–31"},
      {"0 0 * 13 *", "month: 13 is not within 1–12"},
      {"0 0 * * 8", "day of week: 8 is not within 0–7"},
      {"0 0 * * mno", "day of week: \"mno\" is not a number; did you mean mon?"},
      {"0 0 * jna *", "month: \"jna\" is not a number; did you mean jan?"},
      {"10-5 * * * *", "minute: the range \"10-5\" runs backwards"},
      {"1,,2 * * * *", "minute: an empty part in \"1,,2\""},
      {"*/0 * * * *", "minute: \"*/0\": a step is a number of 1 or more, as in */15"},
      {"*/x * * * *", "minute: \"*/x\": a step is a number of 1 or more, as in */15"},
      {"-1 * * * *", "minute: \"\" is not a number"},
      {"1-2-3 * * * *", "minute: \"2-3\" is not a number"},
      {"+1 * * * *", "minute: \"+1\" is not a number"},
      {"0001 * * * *", "minute: \"0001\" is not a number"},
      {"Hx * * * *", "minute: \"Hx\": H stands by itself or takes a range, as in H(0-5)"},
      {"H(0-99) * * * *", "minute: 99 is not within 0–59"},
      {"L * * * *", "minute: \"L\" is not a number"},
      {"@dayly", "\"@dayly\" is not a known schedule word; did you mean @daily?"},
      {"@reboot", "\"@reboot\" is not a known schedule word"},
  };
  for (const auto& c : cases) {
    const auto cron = parse_cron(c.line, "s");
    ASSERT_FALSE(cron) << c.line;
    EXPECT_EQ(cron.error().message, c.message);
    EXPECT_EQ(cron.error().code, ErrorCode::invalid_argument);
  }
}

TEST(Cron, FixesHByTheNameOfTheSchedule) {
  const auto once = parse_cron("H H(1-4) H * H", "nightly");
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_EQ(*once, *parse_cron("H H(1-4) H * H", "nightly"));
  EXPECT_EQ(once->minutes.count(), 1U);
  EXPECT_EQ(once->weekdays.count(), 1U);
  EXPECT_EQ((once->hours & std::bitset<24>(0b11110)).count(), 1U);
  std::bitset<60> minutes;
  std::bitset<32> days;
  for (int i = 0; i < 500; ++i) {
    const auto cron = parse_cron("H 2 H * *", "schedule-" + std::to_string(i));
    minutes |= cron->minutes;
    days |= cron->days;
  }
  EXPECT_GT(minutes.count(), 55U) << "spread over the hour";
  EXPECT_EQ(days.count(), 28U) << "never a day that February lacks";
  const auto steps = values_of(parse_cron("H/15 * * * *", "nightly")->minutes);
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[1] - steps[0], 15);
}

TEST(Cron, MatchesEitherDayWhereBothAreRestricted) {
  const auto cron = *parse_cron("0 0 13 * fri", "s");
  EXPECT_TRUE(cron.matches_day(2026y / 11 / 13)) << "a Friday the thirteenth";
  EXPECT_TRUE(cron.matches_day(2026y / 11 / 20)) << "a Friday";
  EXPECT_TRUE(cron.matches_day(2026y / 12 / 13)) << "a Sunday";
  EXPECT_FALSE(cron.matches_day(2026y / 11 / 19));
  const auto friday = *parse_cron("0 0 * * fri", "s");
  EXPECT_FALSE(friday.matches_day(2026y / 12 / 13));
}

// Issue 16, N12: a field that begins with * restricts nothing by itself, as in Debian's cron.
TEST(Cron, RowN12_MatchesBothDaysWhereOneBeginsWithAStar) {
  const auto odd_mondays = *parse_cron("0 3 */2 * 1", "s");
  EXPECT_TRUE(odd_mondays.matches_day(2026y / 11 / 23)) << "a Monday, odd";
  EXPECT_FALSE(odd_mondays.matches_day(2026y / 11 / 16)) << "a Monday, even";
  EXPECT_FALSE(odd_mondays.matches_day(2026y / 11 / 25)) << "odd, a Wednesday";
  const auto listed = *parse_cron("0 3 *,5 * mon", "s");
  EXPECT_TRUE(listed.matches_day(2026y / 11 / 16));
  EXPECT_FALSE(listed.matches_day(2026y / 12 / 5)) << "the fifth, a Saturday";
  const auto by_weekday = *parse_cron("0 3 1-7 * */2", "s");
  EXPECT_TRUE(by_weekday.matches_day(2026y / 12 / 1)) << "a Tuesday of the first week";
  EXPECT_FALSE(by_weekday.matches_day(2026y / 12 / 8)) << "a Tuesday of the second";
}

TEST(Cron, FindsTheLastDayOfEveryMonth) {
  const auto last = *parse_cron("0 0 L * *", "s");
  const struct {
    year_month_day day;
    bool expected;
  } cases[] = {{2026y / 1 / 31, true}, {2026y / 1 / 30, false}, {2026y / 2 / 28, true}, {2028y / 2 / 28, false},
               {2028y / 2 / 29, true}, {2026y / 4 / 30, true},  {2026y / 4 / 1, false}};
  for (const auto& c : cases)
    EXPECT_EQ(last.matches_day(c.day), c.expected)
        << static_cast<unsigned>(c.day.month()) << "/" << static_cast<unsigned>(c.day.day());
  const auto with_others = *parse_cron("0 0 1,L * *", "s");
  EXPECT_TRUE(with_others.matches_day(2026y / 4 / 1));
  EXPECT_TRUE(with_others.matches_day(2026y / 4 / 30));
}

}  // namespace
}  // namespace dyno::schedule
