#include "docker/streams.h"

#include <gtest/gtest.h>

namespace dyno::docker {
namespace {

std::string frame(char stream, const std::string& text, std::uint32_t length) {
  std::string bytes{stream, 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((length >> static_cast<unsigned>(shift)) & 0xFFU);
  return bytes + text;
}

std::string frame(char stream, const std::string& text) {
  return frame(stream, text, static_cast<std::uint32_t>(text.size()));
}

TEST(LogFrames, JoinsBothStreamsWhereverTheChunksAreCut) {
  const std::string stream = frame(1, "out\n") + frame(2, "") + frame(2, "err\n") + frame(1, "more\n");
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      LogFrames frames(kib(4));
      EXPECT_TRUE(frames.feed(stream.substr(0, first)));
      EXPECT_TRUE(frames.feed(stream.substr(first, second - first)));
      EXPECT_TRUE(frames.feed(stream.substr(second)));
      ASSERT_EQ(frames.text(), "out\nerr\nmore\n") << first << ", " << second;
    }
  }
}

TEST(LogFrames, KeepsTheLastBytesOnly) {
  LogFrames frames(Bytes{5});
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(frames.feed(frame(1, "0123456789")));
  EXPECT_EQ(frames.text(), "56789");
  LogFrames long_log(Bytes{10});
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(long_log.feed(frame(1, std::string(100'000, 'x') + std::to_string(i))));
  EXPECT_EQ(long_log.text(), "xxxxxxxx39");
}

TEST(LogFrames, KeepsTheGoodFramesBeforeALyingOne) {
  for (const std::string& lie :
       {frame(1, "x", 0xFFFFFFFF), frame(1, "x", (1U << 20U) + 1), frame(7, "x"), std::string("HTTP/1.1 200 OK")}) {
    LogFrames frames(kib(4));
    EXPECT_FALSE(frames.feed(frame(1, "good\n") + lie));
    EXPECT_FALSE(frames.feed(frame(1, "after")));
    EXPECT_EQ(frames.text(), "good\n");
  }
}

}  // namespace
}  // namespace dyno::docker
