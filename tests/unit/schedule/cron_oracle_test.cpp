// Due times against a watch on the wall that knows nothing of `schedule`: the system's own local time, minute by minute, and the text
// of the cron line, read in the dullest way.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "base/text.h"
#include "schedule/due_times.h"

namespace dyno::schedule {
namespace {

constexpr std::array kZones{"UTC",
                            "Europe/Berlin",
                            "Europe/London",
                            "Europe/Dublin",
                            "America/New_York",
                            "America/Los_Angeles",
                            "America/St_Johns",
                            "America/Havana",
                            "America/Santiago",
                            "America/Sao_Paulo",
                            "America/Asuncion",
                            "Africa/Casablanca",
                            "Africa/Cairo",
                            "Asia/Beirut",
                            "Asia/Kathmandu",
                            "Asia/Tehran",
                            "Australia/Lord_Howe",
                            "Australia/Sydney",
                            "Pacific/Chatham",
                            "Antarctica/Troll"};

constexpr std::array kLines{"30 2 * * *",
                            "0 0 * * *",
                            "*/10 * * * *",
                            "7 */5 L * sun",
                            "*/20 0-3,23 * * *",
                            "* 2 * 3,4,10,11 6-7",
                            "15 1 13 * fri",
                            "0 3 */2 * 1",
                            "0 3 1-15 * */2",
                            "0 3 *,5 * mon",
                            "59 23 31 * *",
                            "0 0 29 2 *",
                            "5/15 1-5/2 1,15,L jan,Mar-may 0,wed-7",
                            "0 *,3 1-7 * mon"};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

int number_of(const std::string& word) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] == word) return static_cast<int>(i) + 1;
  }
  for (std::size_t i = 0; i < kWeekdays.size(); ++i) {
    if (kWeekdays[i] == word) return static_cast<int>(i);
  }
  return std::atoi(word.c_str());
}

// Whether the field names this value; L is nobody's value.
bool names(std::string_view field, int value, int least, int greatest) {
  for (const std::string_view part : split(field, ',')) {
    if (part == "L") continue;
    const std::size_t slash = part.find('/');
    const std::string base = lower(part.substr(0, slash));
    const int step = slash == std::string_view::npos ? 1 : std::atoi(std::string(part.substr(slash + 1)).c_str());
    const std::size_t dash = base.find('-');
    int first = least;
    int last = greatest;
    if (dash != std::string::npos) {
      first = number_of(base.substr(0, dash));
      last = number_of(base.substr(dash + 1));
    } else if (base != "*") {
      first = number_of(base);
      if (slash == std::string_view::npos) last = first;
    }
    if (value >= first && value <= last && (value - first) % step == 0) return true;
  }
  return false;
}

struct Watch {
  explicit Watch(const char* line) {
    for (const std::string_view field : split(line, ' ')) fields.emplace_back(field);
    for (int minute = 0; minute < 24 * 60; ++minute)
      named[static_cast<std::size_t>(minute)] =
          names(fields[1], minute / 60, 0, 23) && names(fields[0], minute % 60, 0, 59);
  }

  bool on_day(const std::tm& day) const {
    if (!names(fields[3], day.tm_mon + 1, 1, 12)) return false;
    const bool by_weekday =
        names(fields[4], day.tm_wday, 0, 6) || (day.tm_wday == 0 && fields[4] != "*" && names(fields[4], 7, 0, 7));
    std::tm tomorrow = day;
    ++tomorrow.tm_mday;
    timegm(&tomorrow);
    const bool by_date =
        names(fields[2], day.tm_mday, 1, 31) || (fields[2].find('L') != std::string::npos && tomorrow.tm_mday == 1);
    return fields[2][0] == '*' || fields[4][0] == '*' ? by_date && by_weekday : by_date || by_weekday;
  }

  // Minutes since 1970 as a clock on the wall shows them.
  bool names_minute(std::int64_t wall) {
    if (wall / (24 * 60) != day_) {
      day_ = wall / (24 * 60);
      const std::time_t seconds = wall * 60;
      std::tm parts{};
      gmtime_r(&seconds, &parts);
      day_matches_ = on_day(parts);
    }
    return day_matches_ && named[static_cast<std::size_t>(wall % (24 * 60))];
  }

  std::vector<std::string> fields;
  std::array<bool, 1440> named{};
  std::vector<std::int64_t> due;  // minutes since 1970

 private:
  std::int64_t day_ = -1;
  bool day_matches_ = false;
};

class CronOracle : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_EQ(setenv("TZ", GetParam(), 1), 0);
    tzset();
  }
  void TearDown() override {
    unsetenv("TZ");
    tzset();
  }
};

std::time_t new_year(int year) {
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mday = 1;
  return timegm(&parts);
}

WallTime wall(std::int64_t minutes) { return WallTime(std::chrono::minutes(minutes)); }

TEST_P(CronOracle, SeesTheSameMinutesDue) {
  const char* const asked = std::getenv("DYNO_WALK_YEARS");
  const int years = asked != nullptr ? std::atoi(asked) : 1;
  const int first_year = years > 1 ? 2020 : 2026;
  const std::int64_t from = new_year(first_year) / 60;
  const std::int64_t until = new_year(first_year + years) / 60;
  std::vector<Watch> watches(kLines.begin(), kLines.end());
  std::int64_t furthest = 0;  // that the clock on the wall has been
  for (std::int64_t minute = from; minute <= until; ++minute) {
    const std::time_t seconds = minute * 60;
    std::tm parts{};
    localtime_r(&seconds, &parts);
    const std::int64_t now = minute + parts.tm_gmtoff / 60;
    const std::int64_t reached = minute == from ? now : furthest;
    furthest = std::max(reached, now);
    if (minute == from) continue;
    for (Watch& watch : watches) {
      bool fires = false;
      if (watch.fields[1][0] == '*') {
        fires = watch.names_minute(now);
      } else {
        for (std::int64_t passed = reached + 1; passed <= now; ++passed)
          fires = watch.names_minute(passed) || fires;  // more than one behind a gap
      }
      if (fires) watch.due.push_back(minute);
    }
  }
  for (std::size_t i = 0; i < kLines.size(); ++i) {
    model::Schedule schedule;
    schedule.cron = kLines[i];
    schedule.time_zone = GetParam();
    const auto table = make_timetable(schedule);
    ASSERT_TRUE(table) << table.error().message;
    const auto due = due_between(*table, wall(from), wall(until));
    ASSERT_EQ(due.size(), watches[i].due.size()) << kLines[i];
    for (std::size_t n = 0; n < due.size(); ++n)
      ASSERT_EQ(format_instant(due[n]), format_instant(wall(watches[i].due[n]))) << kLines[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Zones, CronOracle, testing::ValuesIn(kZones), [](const auto& zone) {
  std::string name;
  for (const char c : std::string_view(zone.param)) {
    if (c != '/' && c != '_') name += c;
  }
  return name;
});

}  // namespace
}  // namespace dyno::schedule
