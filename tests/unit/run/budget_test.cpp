#include "run/budget.h"

#include <gtest/gtest.h>

namespace dyno::run {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kBegin{};

TEST(BlockBudget, LetsEveryBlockBeginWhereThereIsNone) {
  BlockBudget budget(std::nullopt, kBegin, {10min, 10min});
  EXPECT_EQ(budget.begin_block(0, kBegin), "");
  EXPECT_EQ(budget.begin_block(1, kBegin + 100h), "");
  EXPECT_EQ(budget.why_over(kBegin + 200h), "");
}

TEST(BlockBudget, GoesByThePlanUntilABlockHasEnded) {
  BlockBudget fits(30min, kBegin, {20min, 20min});
  EXPECT_EQ(fits.begin_block(0, kBegin + 10min), "");
  BlockBudget late(30min, kBegin, {20min, 20min});
  EXPECT_EQ(late.begin_block(0, kBegin + 10min + 1s),
            "block 1 of 2 was not begun: it takes about 20 min, and 19 min 59 s of the budget of 30 min is left");
}

// Issue 16, N10: twelve blocks of twelve seconds, planned as six, in a budget of a minute.
TEST(BlockBudget, RowN10_GoesByTheSlowestBlockSoFar) {
  BlockBudget budget(1min, kBegin, std::vector<Nanos>(12, 6s));
  EXPECT_EQ(budget.begin_block(0, kBegin), "");
  EXPECT_EQ(budget.begin_block(1, kBegin + 12s), "");
  EXPECT_EQ(budget.begin_block(2, kBegin + 22s), "") << "a faster one changes nothing";
  EXPECT_EQ(budget.begin_block(3, kBegin + 34s), "");
  EXPECT_EQ(budget.begin_block(4, kBegin + 48s),
            "block 5 of 12 was not begun: it takes about 14 s, and 12 s of the budget of 1 min is left");
}

TEST(BlockBudget, CutsABlockShortThatTakesTwiceAsLong) {
  BlockBudget budget(1min, kBegin, {20s, 20s, 20s});
  EXPECT_EQ(budget.begin_block(0, kBegin), "");
  EXPECT_EQ(budget.begin_block(1, kBegin + 30s), "");
  EXPECT_EQ(budget.why_over(kBegin + 90s), "");
  EXPECT_EQ(budget.why_over(kBegin + 91s), "block 2 of 3 was cut short: the budget of 1 min ran out 31 s ago");
}

}  // namespace
}  // namespace dyno::run
