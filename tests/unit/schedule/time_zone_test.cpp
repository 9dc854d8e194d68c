#include "schedule/time_zone.h"

#include <gtest/gtest.h>

namespace dyno::schedule {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

TEST(TimeZone, RefusesWhatTheSystemDoesNotKnow) {
  for (const char* name : {"Europe/Atlantis", "", "CEST+1", "../etc/passwd", "europe/berlin"}) {
    const auto zone = TimeZone::find(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().code, ErrorCode::not_found);
  }
}

TEST(TimeZone, KnowsGapsAndFolds) {
  const auto berlin = TimeZone::find("Europe/Berlin");
  ASSERT_TRUE(berlin) << berlin.error().message;
  const auto summer = local_days(2026y / 3 / 29);
  EXPECT_EQ(berlin->meaning_of(summer + 1h + 59min).kind, LocalKind::unique);
  EXPECT_EQ(berlin->meaning_of(summer + 2h).kind, LocalKind::gap);
  EXPECT_EQ(berlin->meaning_of(summer + 2h + 59min).instant, sys_seconds(sys_days(2026y / 3 / 29) + 1h))
      << "03:00 local";
  EXPECT_EQ(berlin->meaning_of(summer + 3h).kind, LocalKind::unique);
  const auto winter = local_days(2026y / 10 / 25);
  EXPECT_EQ(berlin->meaning_of(winter + 2h + 30min).kind, LocalKind::fold);
  EXPECT_EQ(berlin->meaning_of(winter + 2h + 30min).instant, sys_seconds(sys_days(2026y / 10 / 25) + 30min))
      << "still summer time";
  EXPECT_EQ(berlin->meaning_of(winter + 3h).kind, LocalKind::unique);
}

TEST(TimeZone, GivesSpansThatEndWhereTheNextBegins) {
  const auto lord_howe = TimeZone::find("Australia/Lord_Howe");
  const auto summer = lord_howe->span_at(sys_days(2026y / 1 / 1));
  EXPECT_EQ(summer.offset, 11h);
  const auto winter = lord_howe->span_at(summer.end);
  EXPECT_EQ(winter.begin, summer.end);
  EXPECT_EQ(winter.offset, 10h + 30min) << "half an hour only";
  const auto always = TimeZone::find("UTC")->span_at(sys_days(2026y / 1 / 1));
  EXPECT_LT(always.begin, sys_days(1900y / 1 / 1));
  EXPECT_GT(always.end, sys_days(2200y / 1 / 1));
}

}  // namespace
}  // namespace dyno::schedule
