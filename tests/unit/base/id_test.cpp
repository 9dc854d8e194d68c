#include "base/id.h"

#include <gtest/gtest.h>

#include <set>

namespace dyno {
namespace {

TEST(NewId, IsAVersionSevenUuidOfItsInstant) {
  const std::string id = new_id(wall_from_ns(0x0123456789AB * std::int64_t{1'000'000}));
  EXPECT_TRUE(is_id(id));
  EXPECT_EQ(id.substr(0, 13), "01234567-89ab");
  EXPECT_EQ(id[14], '7');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
}

TEST(NewId, IsNeverTheSameAndSortsByTime) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(new_id(wall_from_ns(1'000'000'000)));
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_LT(*ids.rbegin(), new_id(wall_from_ns(1'001'000'000)));
}

TEST(ShortId, IsTheEnd) {
  EXPECT_EQ(short_id("019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44"), "6c1d8e44");
  EXPECT_EQ(short_id("abc"), "abc");
}

TEST(IsId, RefusesOtherForms) {
  EXPECT_TRUE(is_id("01234567-89ab-7cde-8f01-23456789abcd"));
  for (const char* wrong : {"", "01234567-89ab-7cde-8f01-23456789abc", "01234567-89ab-7cde-8f01-23456789abcde",
                            "01234567-89AB-7cde-8f01-23456789abcd", "0123456789ab-7cde-8f01-23456789abcd-",
                            "01234567-89ab-7cde-8f01-23456789abcg", "../../../../../../etc/passwd/xxxxxxxx"}) {
    EXPECT_FALSE(is_id(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace dyno
