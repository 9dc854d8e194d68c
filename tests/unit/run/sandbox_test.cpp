#include "run/sandbox.h"

#include <gtest/gtest.h>

namespace dyno::run {
namespace {

TEST(ExecStamp, IsReadFromTheSandboxesOutput) {
  const ExecStamp stamp = exec_stamp("stackdyno-exec monotonic_ns=123456789\n");
  ASSERT_TRUE(stamp.at);
  EXPECT_EQ(to_ns(*stamp.at), 123456789);
  EXPECT_EQ(stamp.absent, "");
}

TEST(ExecStamp, IsAwaitedWhileNothingIsPrinted) {
  EXPECT_FALSE(exec_stamp("").at);
  EXPECT_EQ(exec_stamp("").absent, "");
}

// Issue 14, row 7.
TEST(ExecStamp, Row7TwoAreNoneWithTheReason) {
  const std::string one = "stackdyno-exec monotonic_ns=123456789\n";
  EXPECT_FALSE(exec_stamp(one + one).at);
  EXPECT_EQ(exec_stamp(one + one).absent, "the sandbox was told two process starts");
  EXPECT_FALSE(exec_stamp("stackdyno-exec monotonic_ns=12x\n").at);
  EXPECT_EQ(exec_stamp("stackdyno-exec monotonic_ns=12x\n").absent,
            "the sandbox was told no time of the process start");
}

}  // namespace
}  // namespace dyno::run
