#include "runners/load/due_queue.h"

#include <gtest/gtest.h>

#include "runners/load/idle_ring.h"
#include "runners/load/seconds.h"

namespace dyno::loadgen {
namespace {

TEST(DueQueue, IsFirstInFirstOutAndSaysWhenItIsFull) {
  DueQueue queue(3);
  for (int round = 0; round < 5; ++round) {  // over the end of the ring
    EXPECT_TRUE(queue.empty());
    EXPECT_TRUE(queue.push(1));
    EXPECT_TRUE(queue.push(2));
    EXPECT_TRUE(queue.push(3));
    EXPECT_FALSE(queue.push(4));
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_TRUE(queue.push(5));
    EXPECT_EQ(queue.pop(), 2);
    EXPECT_EQ(queue.pop(), 3);
    EXPECT_EQ(queue.pop(), 5);
  }
}

TEST(IdleRing, UsesTheLongestIdleFirstAndHoldsEachOnce) {
  IdleRing ring(2);
  for (int round = 0; round < 3; ++round) {
    ring.push(1);
    ring.push(0);
    ring.push(1);  // already in
    EXPECT_EQ(ring.pop(), 1U);
    ring.push(1);
    EXPECT_EQ(ring.pop(), 0U);
    EXPECT_EQ(ring.pop(), 1U);
    EXPECT_EQ(ring.pop(), std::nullopt);
  }
}

TEST(SecondRing, GivesPublishedSecondsInOrderAndSaysWhenItIsFull) {
  SecondRing ring;
  EXPECT_EQ(ring.oldest(), nullptr);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(ring.has_room());
    ring.current().good = i;
    ring.current().times.record(1000 + i);
    ring.publish();
  }
  EXPECT_FALSE(ring.has_room());
  for (int i = 0; i < 3; ++i) {
    ASSERT_NE(ring.oldest(), nullptr);
    EXPECT_EQ(ring.oldest()->good, i);
    EXPECT_EQ(ring.oldest()->times.max_ns(), 1000 + i);
    ring.release();
  }
  EXPECT_EQ(ring.oldest(), nullptr);
  ring.publish();
  EXPECT_EQ(ring.current().good, 0) << "a slot comes back clean";
  EXPECT_EQ(ring.current().times.count(), 0U);
}

}  // namespace
}  // namespace dyno::loadgen
