#include "api/parameters.h"

#include <gtest/gtest.h>

namespace dyno::api {
namespace {

const store::RunCursor kCursor{wall_from_ns(1'767'225'600'123'456'789), "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44"};

TEST(RunCursor, ComesBackAsItWas) {
  const auto read = read_cursor(write_cursor(kCursor, "a|b"), "a|b");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->created_at, kCursor.created_at);
  EXPECT_EQ(read->id, kCursor.id);
}

TEST(RunCursor, BelongsToItsFilters) { EXPECT_FALSE(read_cursor(write_cursor(kCursor, "a|b"), "a|c")); }

TEST(RunCursor, RefusesWhatIsNone) {
  const std::string good = write_cursor(kCursor, "");
  for (const std::string& text :
       {std::string(), std::string("1.2.3"), std::string("x"), good + "0", "x" + good, good.substr(0, 20)}) {
    EXPECT_FALSE(read_cursor(text, "")) << text;
  }
}

}  // namespace
}  // namespace dyno::api
