#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/check.h"
#include "base/result.h"

namespace dyno {
namespace {

Result<int> fail_twice() {
  const Result<int> inner = fail(ErrorCode::not_found, "no such image");
  return fail(inner.error(), "starting container \"go-net\"");
}

TEST(Errors, GainTheirHalfSentenceOnTheWayUp) {
  const auto result = fail_twice();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), (Error{ErrorCode::not_found, "starting container \"go-net\": no such image"}));
}

TEST(Errors, OfErrnoSayItInWords) {
  EXPECT_EQ(error_from_errno("open x", ENOENT),
            (Error{ErrorCode::not_found, "open x: No such file or directory (errno 2)"}));
  EXPECT_EQ(error_from_errno("read", ETIMEDOUT).code, ErrorCode::timed_out);
  EXPECT_EQ(error_from_errno("read", EIO).code, ErrorCode::io);
}

TEST(ErrorCodes, HaveTheirNames) {
  EXPECT_EQ(to_string(ErrorCode::invalid_argument), "invalid_argument");
  EXPECT_EQ(to_string(ErrorCode::internal), "internal");
}

TEST(CheckDeathTest, AbortsWithTheReason) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(CHECK(1 + 1 == 3, "sums are right"), "CHECK\\(1 \\+ 1 == 3\\) failed: sums are right");
}

}  // namespace
}  // namespace dyno
