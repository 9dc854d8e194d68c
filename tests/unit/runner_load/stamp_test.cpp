#include "runners/load/sse/stamp.h"

#include <gtest/gtest.h>

#include "runners/load/sse/seen.h"

namespace dyno::loadgen {
namespace {

TEST(Stamp, ComesBackAsItWasWritten) {
  for (const std::size_t bytes : {kStampBytes, std::size_t{64}, std::size_t{1024}}) {
    std::string text = stamp_text(bytes);
    ASSERT_EQ(text.size(), bytes);
    const Stamp stamp{123'456'789'012'345, 4'000'000'001, 65'535};
    write_stamp(text.data(), stamp);
    EXPECT_EQ(read_stamp(text, bytes), stamp);
  }
}

TEST(Stamp, RefusesWhatWasChanged) {
  std::string text = stamp_text(64);
  write_stamp(text.data(), {1, 2, 3});
  EXPECT_FALSE(read_stamp(text + "x", 64));
  EXPECT_FALSE(read_stamp(text.substr(1), 64));
  text[63] ^= 1;
  EXPECT_FALSE(read_stamp(text, 64));
  text[63] ^= 1;
  text[3] = 'G';
  EXPECT_FALSE(read_stamp(text, 64));
}

TEST(Seen, TellsNewFromDoubled) {
  Seen seen;
  EXPECT_TRUE(seen.take(1));
  EXPECT_FALSE(seen.take(1));
  EXPECT_TRUE(seen.take(5));
  EXPECT_TRUE(seen.take(3)) << "overtaken, not doubled";
  EXPECT_FALSE(seen.take(3));
  EXPECT_TRUE(seen.take(1000));
  EXPECT_FALSE(seen.take(5)) << "too old to be judged";
  EXPECT_TRUE(seen.take(937));
  EXPECT_FALSE(seen.take(936));
}

}  // namespace
}  // namespace dyno::loadgen
