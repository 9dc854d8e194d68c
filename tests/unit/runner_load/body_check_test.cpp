#include "runners/load/body_check.h"

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

Expectation accepting(std::vector<std::string> bodies) { return {200, false, std::move(bodies)}; }

bool check(const Expectation& expectation, const std::vector<std::string_view>& pieces) {
  BodyCheck body_check(1, 0);
  EXPECT_TRUE(body_check.begin(3, expectation));
  EXPECT_TRUE(body_check.is_running_for(3));
  EXPECT_FALSE(body_check.is_running_for(4));
  for (const std::string_view piece : pieces) body_check.piece(piece);
  const bool good = body_check.end();
  EXPECT_FALSE(body_check.is_running_for(3));
  return good;
}

TEST(BodyCheck, AcceptsAnyOfTheBodiesHoweverTheyAreCut) {
  const Expectation either = accepting({"hello", "help", ""});
  EXPECT_TRUE(check(either, {"hello"}));
  EXPECT_TRUE(check(either, {"h", "el", "p"}));
  EXPECT_TRUE(check(either, {}));
  EXPECT_FALSE(check(either, {"hel"}));
  EXPECT_FALSE(check(either, {"hel", "px"}));
  EXPECT_FALSE(check(either, {"hello", "!"}));
  EXPECT_FALSE(check(either, {"jello"}));
}

TEST(BodyCheck, TakesEveryNthAndTheFirstFew) {
  BodyCheck body_check(0.01, 3);
  const Expectation one = accepting({"x"});
  const auto taken = [&](int answers) {
    int count = 0;
    for (int i = 0; i < answers; ++i) {
      if (!body_check.begin(0, one)) continue;
      ++count;
      body_check.end();
    }
    return count;
  };
  EXPECT_EQ(taken(99), 3);
  EXPECT_EQ(taken(1), 1);  // the hundredth
  EXPECT_EQ(taken(1000), 10);
  body_check.restart();
  EXPECT_EQ(taken(10), 3);
}

TEST(BodyCheck, ComparesOneAtATime) {
  BodyCheck body_check(1, 0);
  const Expectation one = accepting({"x"});
  EXPECT_TRUE(body_check.begin(0, one));
  EXPECT_FALSE(body_check.begin(1, one));
  body_check.abandon();
  EXPECT_TRUE(body_check.begin(1, one));
}

TEST(BodyCheck, ComparesNothingWhenThereIsNothingToCompareWith) {
  BodyCheck none(0, 20);
  EXPECT_FALSE(none.begin(0, accepting({"x"})));
  BodyCheck all(1, 20);
  EXPECT_FALSE(all.begin(0, accepting({})));
}

TEST(BodyCheck, KeepsTheFirstBytesForTheMessage) {
  BodyCheck body_check(1, 0);
  const Expectation one = accepting({"x"});
  body_check.begin(0, one);
  const std::string long_body(1000, 'y');
  body_check.piece("ab");
  body_check.piece(long_body);
  body_check.piece(long_body);
  EXPECT_FALSE(body_check.end());
  EXPECT_EQ(body_check.captured(), "ab" + std::string(510, 'y'));
}

}  // namespace
}  // namespace dyno::loadgen
