#include "run/sandbox.h"

#include <gtest/gtest.h>

namespace dyno::run {
namespace {

TEST(ExecStamp, IsReadFromAmongTheAppsOutput) {
  const std::string log = "early\nstackdyno-exec monotonic_ns=123456789\nlistening\n";
  ASSERT_TRUE(exec_stamp(log));
  EXPECT_EQ(to_ns(*exec_stamp(log)), 123456789);
  EXPECT_EQ(without_exec_stamp(log), "early\nlistening\n");
}

TEST(ExecStamp, IsAbsentWhenItIsNotThereOrNotANumber) {
  EXPECT_FALSE(exec_stamp("listening\n"));
  EXPECT_FALSE(exec_stamp("stackdyno-exec monotonic_ns=12x\n"));
  EXPECT_EQ(without_exec_stamp("listening\n"), "listening\n");
}

}  // namespace
}  // namespace dyno::run
