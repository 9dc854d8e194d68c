#include "record/deflate.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace dyno::record {
namespace {

constexpr std::size_t kLimit = 1 << 20;

TEST(Deflate, GivesTheTextBack) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(100'000, 'a'), std::string("\0\xff\n", 3)}) {
    const auto back = inflate_text(deflate_text(text), kLimit);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, text);
  }
}

TEST(Deflate, MakesAShortEventShort) {
  const std::string step =
      R"({"trial_stepped":{"phase":"json/c32","progress":{"block":1,"blocks":3,"case_name":"go-nethttp/single","done_ratio":0.25,)"
      R"("eta_at":1767225699000000000,"phase":"json/c32","step":"loading"},"step":"loading","trial_id":"019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44"}})";
  EXPECT_LT(deflate_text(step).size(), step.size() / 2);
}

// Stored by an earlier program: the dictionary is part of the format, and changing one letter of it makes every database unreadable.
TEST(Deflate, ReadsWhatWasWrittenBefore) {
  const auto stored = from_base64("ePn/tONUIzMQcPoTj2tqAS58JbE=");
  ASSERT_TRUE(stored);
  const auto back = inflate_text(*stored, kLimit);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(
      *back,
      R"({"run_state_changed":{"reason":"","state":"running"}}{"trial_stepped":{"phase":"json/c32","step":"loading"}})");
  // zlib stores the Adler-32 of the dictionary, big-endian, after its two bytes of header.
  EXPECT_EQ(deflate_text("x").substr(2, 4), stored->substr(2, 4));
}

TEST(Deflate, RefusesWhatIsNotWholeOrTooLarge) {
  const std::string packed = deflate_text(std::string(5000, 'a') + "b");
  EXPECT_FALSE(inflate_text(packed.substr(0, packed.size() - 1), kLimit));
  EXPECT_FALSE(inflate_text(packed + "x", kLimit));
  EXPECT_FALSE(inflate_text("nothing of the kind", kLimit));
  EXPECT_FALSE(inflate_text({}, kLimit));
  EXPECT_EQ(inflate_text(packed, 5000).error().message, "a stored text is larger than its limit");
  EXPECT_TRUE(inflate_text(packed, 5001));
}

}  // namespace
}  // namespace dyno::record
