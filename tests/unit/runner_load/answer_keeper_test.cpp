#include "runners/load/rules/answer_keeper.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace dyno::loadgen {
namespace {

AnswerRules with_rule() {
  AnswerRule rule;
  rule.value = "x";
  return std::move(AnswerRules::compile({rule}, {}).value());
}

TEST(AnswerKeeper, TakesEveryNthAndMoreAtFirst) {
  const AnswerRules rules = with_rule();
  AnswerKeeper keeper(0.1, 3, 1);
  int taken = 0;
  const auto ask = [&](int answers) {
    for (int i = 0; i < answers; ++i) {
      if (keeper.begin(0, rules)) ++taken;
      keeper.end(0);
    }
  };
  ask(3);
  EXPECT_EQ(taken, 3);
  ask(97);
  EXPECT_EQ(taken, 13);
  keeper.restart();
  ask(3);
  EXPECT_EQ(taken, 16);
}

TEST(AnswerKeeper, TakesAllThatAreNeededForLaterRequests) {
  const auto rules = AnswerRules::compile({}, {{"t", TakeFrom::json, ""}});
  AnswerKeeper keeper(0, 0, 1);
  EXPECT_TRUE(keeper.begin(0, *rules));
  EXPECT_FALSE(keeper.is_sample(0));
  keeper.end(0);
  EXPECT_FALSE(keeper.begin(0, with_rule()));
  EXPECT_FALSE(AnswerKeeper(1, 0, 0).is_running_for(3)) << "there are no rules";
}

TEST(AnswerKeeper, LeavesWholeAnswersWhereTheyLie) {
  AnswerKeeper keeper(1, 0, 1);
  const std::string head = "a: b\r\n";
  const std::string body = "body";
  keeper.begin(0, with_rule());
  keeper.add_head(0, head);
  keeper.add_body(0, body);
  EXPECT_EQ(keeper.seen(0).head.data(), head.data());
  EXPECT_EQ(keeper.seen(0).body.data(), body.data());
}

// Many answers at once, cut anywhere, each read overwritten by the next.
TEST(AnswerKeeperProperty, PutsTogetherWhatComesInPieces) {
  Random random(7);
  const AnswerRules rules = with_rule();
  constexpr std::uint32_t kOwners = 8;
  struct Under {
    std::string head, body;
    std::size_t head_at = 0, body_at = 0;
    bool is_under_way = false;
  };
  std::vector<Under> answers(kOwners);
  AnswerKeeper keeper(1, 0, kOwners);
  std::string read(64, ' ');
  int whole = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto owner = static_cast<std::uint32_t>(random.below(kOwners));
    Under& one = answers[owner];
    if (!one.is_under_way) {
      one = {std::string(random.below(40), static_cast<char>('a' + owner)),
             std::string(random.below(100), static_cast<char>('A' + owner)), 0, 0, true};
      keeper.begin(owner, rules);
    }
    std::size_t room = 1 + random.below(read.size() - 1);
    char* out = read.data();
    const auto give = [&](const std::string& from, std::size_t& at, bool is_head) {
      const std::size_t size = std::min(room, from.size() - at);
      if (size == 0) return;
      std::copy_n(from.data() + at, size, out);
      if (is_head) keeper.add_head(owner, {out, size});
      else keeper.add_body(owner, {out, size});
      at += size;
      out += size;
      room -= size;
    };
    give(one.head, one.head_at, true);
    if (one.head_at == one.head.size()) give(one.body, one.body_at, false);
    if (one.head_at == one.head.size() && one.body_at == one.body.size()) {
      ASSERT_EQ(keeper.seen(owner).head, one.head);
      ASSERT_EQ(keeper.seen(owner).body, one.body);
      keeper.end(owner);
      one.is_under_way = false;
      ++whole;
    } else {
      keeper.settle(owner);
    }
    std::fill(read.begin(), read.end(), '!');
  }
  EXPECT_GT(whole, 1000);
}

TEST(AnswerKeeper, SaysThatThereWasMoreThanItMayKeep) {
  AnswerKeeper keeper(1, 0, 1);
  keeper.begin(0, with_rule());
  const std::string much(AnswerKeeper::kMostKept / 8, 'x');
  for (int i = 0; i < 9; ++i) {
    keeper.add_body(0, much);
    keeper.settle(0);
  }
  EXPECT_FALSE(keeper.is_whole(0));
  keeper.end(0);
  keeper.begin(0, with_rule());
  keeper.add_body(0, "x");
  EXPECT_TRUE(keeper.is_whole(0));
}

}  // namespace
}  // namespace dyno::loadgen
