#include "results/line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>

namespace dyno::results {
namespace {

using model::Break;

class LineTest : public testing::Test {
 protected:
  void add(double value, const std::string& environment = "e1:a", const model::Treatment& treatment = {}, int n = 5) {
    const auto place = [](auto& all, const auto& one) {
      auto found = std::find(all.begin(), all.end(), one);
      return found == all.end() ? &all.emplace_back(one) : &*found;
    };
    PlacedPoint& one = points_.emplace_back();
    one.point.at = wall_from_ns(static_cast<std::int64_t>(points_.size()) * 1'000);
    one.point.value = value;
    one.point.n = n;
    one.environment_key = place(environments_, environment);
    one.treatment = place(treatments_, treatment);
  }
  static std::vector<double> values_of(const std::vector<model::Point>& points) {
    std::vector<double> values;
    for (const model::Point& one : points) values.push_back(one.value);
    return values;
  }

  std::deque<std::string> environments_;
  std::deque<model::Treatment> treatments_;
  std::vector<PlacedPoint> points_;
};

TEST_F(LineTest, BreaksWhereTheEnvironmentTheClassOrTheProfileIsAnother) {
  add(1);
  add(2, "e1:b");
  add(3, "e1:b", {"tuned", "", "", ""});
  add(4, "e1:b", {"tuned", "sha256:1", "sha256:2", ""});  // another image is what is compared: no break
  add(5, "e1:a", {"tuned", "sha256:1", "sha256:2", "sha256:77"});
  const auto segments = segments_of(points_);
  ASSERT_EQ(segments.size(), 4U);
  EXPECT_TRUE(segments[0].breaks.empty());
  EXPECT_EQ(segments[1].breaks, std::vector{Break::environment});
  EXPECT_EQ(segments[2].breaks, std::vector{Break::stack_class});
  EXPECT_EQ(segments[2].points, 2);
  EXPECT_EQ(segments[3].breaks, (std::vector{Break::environment, Break::profile}));
  EXPECT_EQ(points_[3].point.segment, 2);
  EXPECT_EQ(segments[2].last_at, points_[3].point.at);
}

TEST_F(LineTest, KeepsAllWhereThereIsRoom) {
  for (const double value : {3, 1, 2}) add(value);
  segments_of(points_);
  EXPECT_EQ(values_of(thinned(points_, 3)), (std::vector<double>{3, 1, 2}));
}

TEST_F(LineTest, LosesNoPeakAndNoDip) {
  for (int i = 0; i < 10'000; ++i) add(100 + i % 7);
  points_[4711].point.value = 900;
  points_[4712].point.value = 2;
  segments_of(points_);
  const auto kept = values_of(thinned(points_, 200));
  EXPECT_LE(kept.size(), 200U);
  EXPECT_GT(kept.size(), 150U);
  EXPECT_TRUE(std::count(kept.begin(), kept.end(), 900) == 1 && std::count(kept.begin(), kept.end(), 2) == 1);
}

TEST_F(LineTest, StaysInTheOrderOfTime) {
  for (int i = 0; i < 5'000; ++i) add((i * 7919) % 1000);
  segments_of(points_);
  const auto kept = thinned(points_, 100);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.at < b.at; }));
}

TEST_F(LineTest, KeepsBothEndsOfEachSegmentHoweverFewAreAskedFor) {
  for (int i = 0; i < 300; ++i) add(i, i < 295 ? "e1:a" : "e1:b");
  segments_of(points_);
  EXPECT_EQ(values_of(thinned(points_, 2)), (std::vector<double>{0, 294, 295, 299}));
}

// Many short segments have their ends beside a long one, which has no more than the rest of the room.
TEST_F(LineTest, IsNeverLongerThanWhatWasAskedFor) {
  for (int i = 0; i < 1'000; ++i) add(i % 7, i < 960 || i % 4 < 2 ? "e1:a" : "e1:b");
  const std::size_t segments = segments_of(points_).size();
  ASSERT_GT(segments, 15U);
  const auto kept = thinned(points_, 100);
  EXPECT_LE(kept.size(), 100U);
  EXPECT_GT(kept.size(), 90U);
}

TEST_F(LineTest, AnInvalidPointIsAnExtremeOfNothing) {
  for (int i = 0; i < 1'000; ++i) add(100, "e1:a", {}, 5);
  points_[500].point.value = 9'000;
  points_[500].point.n = 0;
  segments_of(points_);
  const auto kept = values_of(thinned(points_, 50));
  EXPECT_EQ(std::count(kept.begin(), kept.end(), 9'000), 0);
}

TEST_F(LineTest, NothingGivesNothing) {
  EXPECT_TRUE(segments_of(points_).empty());
  EXPECT_TRUE(thinned(points_, 10).empty());
}

}  // namespace
}  // namespace dyno::results
