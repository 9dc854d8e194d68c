#include "runners/load/transport/send_order.h"

#include <vector>

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

std::vector<Slot> drained(SendOrder& order) {
  std::vector<Slot> slots;
  for (; !order.empty(); order.remove(order.oldest())) slots.push_back(order.oldest());
  return slots;
}

TEST(SendOrder, BeginsEmpty) {
  const SendOrder order(3);
  EXPECT_TRUE(order.empty());
  EXPECT_FALSE(order.contains(0));
}

TEST(SendOrder, KeepsTheOrderOfThePushes) {
  SendOrder order(4);
  for (const Slot slot : {2U, 0U, 3U, 1U}) order.push(slot);
  EXPECT_TRUE(order.contains(3));
  EXPECT_EQ(drained(order), (std::vector<Slot>{2, 0, 3, 1}));
  EXPECT_FALSE(order.contains(3));
}

TEST(SendOrder, MakesWhatIsPushedAgainTheYoungest) {
  SendOrder order(3);
  for (const Slot slot : {0U, 1U, 2U, 0U, 0U, 1U}) order.push(slot);
  EXPECT_EQ(drained(order), (std::vector<Slot>{2, 0, 1}));
}

TEST(SendOrder, ForgetsOneFromAnywhere) {
  SendOrder order(5);
  for (const Slot slot : {0U, 1U, 2U, 3U, 4U}) order.push(slot);
  for (const Slot slot : {0U, 2U, 4U, 2U}) order.remove(slot);
  EXPECT_EQ(drained(order), (std::vector<Slot>{1, 3}));
  order.push(2);
  EXPECT_EQ(drained(order), (std::vector<Slot>{2}));
}

}  // namespace
}  // namespace dyno::loadgen
