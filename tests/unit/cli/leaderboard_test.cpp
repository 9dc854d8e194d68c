#include "cli/leaderboard.h"

#include <gtest/gtest.h>

#include "base/quantity.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

constexpr auto kAnswer = R"({"profile":"standard","environment_key":"e1:a","at":"2026-11-29T03:00:00.000Z",
 "pool":{"schedule":"nightly","nights":[{"run":"b","at":"2026-11-29T03:00:00.000Z","blocks":5}],"blocks":5,"blocks_needed":10,"nights_needed":3,
   "blocks_lacking":5,"nights_lacking":2},
 "boards":[{"phase":"json/c64","workload":"json","metric":"throughput_per_s","title":"Throughput","unit":"1/s","better":"higher","ranked":2,"pairs":1,
   "rows":[{"case":"go-gin/single","stack":"go-gin","title":"Gin","language":"go","class":"production","mode":"single","value":21840,"n":5,"nights":1,
     "nights_differ":false,"validity":"valid","bound":"server","standing":"ranked","rank":[1,2],"group":1,"ratio":1,"run":"b","at":"2026-11-29T03:00:00.000Z"},
    {"case":"x/scaled","stack":"x","title":"X","language":"c","class":"tuned","mode":"scaled","value":9000,"n":5,"nights":1,"nights_differ":false,
     "validity":"valid","bound":"server","standing":"apart","why":"class","ratio":0.41,"ratio_ci95":[0.4,0.42],"run":"b","at":"2026-11-29T03:00:00.000Z"}]}],
 "overall":[]})";

TEST(Leaderboard, HasARowForEachCaseWithItsPlaces) {
  const auto all = wire::read_leaderboard(kAnswer);
  ASSERT_TRUE(all) << all.error().message;
  const auto tables = leaderboard_tables(*all);
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables[0].caption, "JSON · 64 connections: Throughput");
  using Row = std::vector<std::string>;
  EXPECT_EQ(tables[0].rows[0], (Row{"1–2", "Gin", "go", format_value(21840, "1/s"), "100 %", "5", ""}));
  EXPECT_EQ(tables[0].rows[1], (Row{"–", "X, scaled", "c", format_value(9000, "1/s"), "41 % (40–42)", "5", "tuned"}));
}

TEST(Leaderboard, SaysWhatItRestsOnAndWhatIsLacking) {
  const auto all = wire::read_leaderboard(kAnswer);
  ASSERT_TRUE(all);
  EXPECT_EQ(leaderboard_lines(*all)[1],
            "Rests on 5 blocks: too few for a decision, which needs 10 blocks. Decided after 2 more nights of "
            "schedule nightly.");
}

}  // namespace
}  // namespace dyno::cli
