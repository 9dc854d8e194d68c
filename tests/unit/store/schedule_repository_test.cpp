#include "store/schedule_repository.h"

#include <gtest/gtest.h>

namespace dyno::store {
namespace {

WallTime at_second(int second) { return WallTime(std::chrono::seconds(1'790'000'000 + second)); }

class ScheduleRepositoryTest : public testing::Test {
 protected:
  std::map<std::string, WallTime> since(const std::vector<std::string>& names, int second) {
    std::map<std::string, WallTime> since;
    const auto known = repository_.keep(names, at_second(second));
    for (const auto& [name, schedule] : known.value()) since[name] = schedule.since;
    return since;
  }

  std::unique_ptr<Database> database_ = std::move(Database::open_in_memory().value());
  ScheduleRepository repository_{*database_};
};

using Since = std::map<std::string, WallTime>;

TEST_F(ScheduleRepositoryTest, KeepsSinceWhenAScheduleIsKnown) {
  EXPECT_EQ(since({"nightly", "weekly"}, 10), (Since{{"nightly", at_second(10)}, {"weekly", at_second(10)}}));
  EXPECT_EQ(since({"nightly"}, 20), (Since{{"nightly", at_second(10)}}));
  EXPECT_EQ(since({"nightly", "weekly"}, 30), (Since{{"nightly", at_second(10)}, {"weekly", at_second(30)}}))
      << "it was gone in between";
  EXPECT_EQ(since({"weekly"}, 5), (Since{{"weekly", at_second(5)}})) << "the clock was ahead";
}

TEST_F(ScheduleRepositoryTest, ChangesOnlyWhatIsAsTheCallerKnowsIt) {
  ASSERT_TRUE(repository_.add({"nightly", "one"}, at_second(1)));
  EXPECT_EQ(repository_.add({"nightly", "two"}, at_second(2)).error().code, ErrorCode::conflict);
  EXPECT_EQ(repository_.change({"nightly", "two"}, "none", at_second(3)).error().code, ErrorCode::conflict);
  EXPECT_TRUE(repository_.change({"nightly", "two"}, "one", at_second(4)));
  EXPECT_EQ(repository_.all()->front().text, "two");
  EXPECT_EQ(repository_.remove("nightly", "one").error().code, ErrorCode::conflict);
  EXPECT_TRUE(repository_.remove("nightly", "two"));
  EXPECT_EQ(repository_.remove("nightly", "two").error().code, ErrorCode::not_found);
  EXPECT_TRUE(repository_.all()->empty());
}

TEST_F(ScheduleRepositoryTest, PausesWhatIsKnown) {
  EXPECT_EQ(repository_.pause("nightly", at_second(1)).error().code, ErrorCode::not_found);
  since({"nightly"}, 1);
  EXPECT_TRUE(repository_.pause("nightly", at_second(2)));
  EXPECT_EQ(repository_.keep({"nightly"}, at_second(3))->at("nightly").paused_at, at_second(2));
  EXPECT_TRUE(repository_.pause("nightly", std::nullopt));
  EXPECT_EQ(repository_.keep({"nightly"}, at_second(4))->at("nightly").paused_at, std::nullopt);
}

}  // namespace
}  // namespace dyno::store
