#include "base/scratch_file.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace dyno {
namespace {

TEST(ScratchFile, GivesBackWhatWasAppended) {
  auto file = ScratchFile::create();
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE(file->append("hello "));
  ASSERT_TRUE(file->append("world"));
  const ScratchFile moved = std::move(*file);
  EXPECT_EQ(moved.size(), 11U);
  std::string text(5, '\0');
  EXPECT_EQ(moved.read_at(6, text).value(), 5U);
  EXPECT_EQ(text, "world");
  EXPECT_EQ(moved.read_at(11, text).value(), 0U);
  std::array<char, 20> more{};
  EXPECT_EQ(moved.read_at(0, more).value(), 11U);
}

}  // namespace
}  // namespace dyno
