#include "schedule/zone_rule.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "base/text.h"
#include "schedule/due_times.h"
#include "schedule/time_zone.h"

namespace dyno::schedule {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

TEST(ZoneRule, ReadsOffsetsAndChanges) {
  const auto berlin = ZoneRule::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->standard, 1h);
  EXPECT_EQ(berlin->summer, 2h);
  EXPECT_EQ(berlin->to_summer.in(2040y), local_days(2040y / 3 / 25) + 2h);
  EXPECT_EQ(berlin->to_standard.in(2040y), local_days(2040y / 10 / 28) + 3h);
  const auto chatham = ZoneRule::parse("<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45");
  ASSERT_TRUE(chatham);
  EXPECT_EQ(chatham->standard, 12h + 45min);
  EXPECT_EQ(chatham->to_standard.in(2040y), local_days(2040y / 4 / 1) + 3h + 45min);
  EXPECT_EQ(ZoneRule::parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")->to_summer.in(2040y), local_days(2040y / 3 / 24) + 23h);
  EXPECT_EQ(ZoneRule::parse("<+00>0<+02>-2,M3.5.0/1,M10.5.0/3")->summer, 2h);
}

TEST(ZoneRule, IsNoneWhereTheClocksDoNotChangeOrTheTextIsNone) {
  for (const char* text : {"UTC0", "<+0545>-5:45", "", "CET", "CET-1CEST", "CET-1CEST,M3.5.0",
                           "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
                           "CET-1CEST,J60,J300", "CET-1CEST,M3.5.0,M10.5.0,", "<CET-1CEST,M3.5.0,M10.5.0", "TZif2"})
    EXPECT_FALSE(ZoneRule::parse(text)) << text;
}

// The system's own local time knows the rule; hour by hour, over the end of the tables.
TEST(ZoneRule, AgreesWithTheSystemFrom2036To2045) {
  for (const char* name : {"Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Nuuk", "America/Santiago",
                           "Africa/Cairo", "Africa/Casablanca", "Asia/Gaza", "Asia/Kathmandu", "Australia/Lord_Howe",
                           "Australia/Sydney", "Pacific/Chatham", "Pacific/Easter", "Antarctica/Troll", "UTC"}) {
    const auto zone = TimeZone::find(name);
    ASSERT_TRUE(zone) << zone.error().message;
    ASSERT_EQ(setenv("TZ", name, 1), 0);
    tzset();
    OffsetSpan span = zone->span_at(sys_days(2036y / 1 / 1));
    for (sys_seconds at = sys_days(2036y / 1 / 1); at < sys_days(2045y / 1 / 1); at += 30min) {
      if (at >= span.end) {
        const OffsetSpan next = zone->span_at(at);
        EXPECT_EQ(next.begin, span.end) << name;
        span = next;
      }
      const std::time_t seconds = at.time_since_epoch().count();
      std::tm parts{};
      localtime_r(&seconds, &parts);
      ASSERT_EQ(span.offset.count(), parts.tm_gmtoff) << name << " " << seconds;
      const LocalMeaning meaning = zone->meaning_of(local_seconds(at.time_since_epoch() + span.offset));
      ASSERT_TRUE(meaning.kind == LocalKind::fold ? meaning.instant <= at : meaning.instant == at)
          << name << " " << seconds;
      ASSERT_NE(meaning.kind, LocalKind::gap) << name;
    }
  }
  unsetenv("TZ");
  tzset();
}

TEST(ZoneRule, DueTimesOf2040FollowTheClocks) {
  struct Row {
    const char* zone;
    const char* cron;
    const char* after;
    std::vector<const char*> due;
  };
  const Row rows[] = {
      {"Europe/Berlin",
       "30 2 * * *",
       "2040-03-23T12:00:00.000Z",
       {"2040-03-24T01:30", "2040-03-25T01:00", "2040-03-26T00:30"}},  // a gap: when it ends
      {"Europe/Berlin",
       "30 2 * * *",
       "2040-10-26T12:00:00.000Z",
       {"2040-10-27T00:30", "2040-10-28T00:30", "2040-10-29T01:30"}},  // twice: the first
      {"America/New_York", "0 3 * * *", "2040-03-10T12:00:00.000Z", {"2040-03-11T07:00", "2040-03-12T07:00"}},
      {"America/New_York", "0 3 * * *", "2040-11-03T12:00:00.000Z", {"2040-11-04T08:00", "2040-11-05T08:00"}},
      {"Australia/Lord_Howe", "0 3 * * *", "2040-03-31T00:00:00.000Z", {"2040-03-31T16:30", "2040-04-01T16:30"}},
      {"Australia/Lord_Howe", "0 3 * * *", "2040-10-05T20:00:00.000Z", {"2040-10-06T16:00", "2040-10-07T16:00"}},
  };
  for (const Row& row : rows) {
    model::Schedule schedule;
    schedule.cron = row.cron;
    schedule.time_zone = row.zone;
    const auto due = next_due_times(schedule, parse_instant(row.after).value(), static_cast<int>(row.due.size()));
    ASSERT_TRUE(due) << due.error().message;
    for (std::size_t i = 0; i < row.due.size(); ++i)
      EXPECT_EQ(format_instant((*due)[i].at).substr(0, 16), row.due[i]) << row.zone << " " << row.after;
  }
}

}  // namespace
}  // namespace dyno::schedule
