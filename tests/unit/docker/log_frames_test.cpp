#include "docker/streams.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

// A line with its time in nanoseconds since 2026-11-29T18:50:40Z.
std::string seen(const ports::LoggedLine& line) {
  return std::to_string(to_ns(line.at) - 1'795'978'240'000'000'000) + " " + std::string(line.text);
}

TEST(LogLines, GivesEachLineItsTimeWhereverTheChunksAreCut) {
  const std::string stream = frame(1, "2026-11-29T18:50:40.000000001Z out\n") +
                             frame(2, "2026-11-29T18:50:40.5Z err\r\n") + frame(1, "2026-11-29T18:50:41Z half ") +
                             frame(2, "2026-11-29T18:50:42Z \n") + frame(1, "2026-11-29T18:50:43Z whole\n");
  const std::vector<std::string> expected{"1 out", "500000000 err", "2000000000 ", "1000000000 half whole"};
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    std::vector<std::string> all;
    LogLines lines([&](const ports::LoggedLine& line) {
      all.push_back(seen(line));
      return true;
    });
    EXPECT_TRUE(lines.feed(stream.substr(0, cut)));
    EXPECT_TRUE(lines.feed(stream.substr(cut)));
    ASSERT_EQ(all, expected) << cut;
  }
}

TEST(LogLines, EndsWhenNoMoreIsWanted) {
  int count = 0;
  LogLines lines([&count](const ports::LoggedLine&) { return ++count < 2; });
  EXPECT_FALSE(lines.feed(frame(1, "2026-11-29T18:50:40Z a\n") + frame(1, "2026-11-29T18:50:40Z b\n") +
                          frame(1, "2026-11-29T18:50:40Z c\n")));
  EXPECT_EQ(count, 2);
}

TEST(LogLines, BoundsALineAndRefusesWhatIsNoFrame) {
  std::size_t length = 0;
  LogLines lines([&length](const ports::LoggedLine& line) {
    length = line.text.size();
    return true;
  });
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(lines.feed(frame(1, "2026-11-29T18:50:40Z " + std::string(16'000, 'x'))));
  EXPECT_TRUE(lines.feed(frame(1, "2026-11-29T18:50:40Z \n")));
  EXPECT_EQ(length, 16U << 10U);
  EXPECT_FALSE(lines.feed("HTTP/1.1 200 OK"));
}

TEST(PullStream, TellsEachStateOnceAndTheEnginesError) {
  std::vector<std::string> told;
  PullStream stream([&told](const ports::BuildLine& line) { told.emplace_back(line.text); });
  EXPECT_TRUE(
      stream.feed("{\"status\":\"Pulling fs layer\",\"id\":\"a\"}\n{\"status\":\"Pulling fs layer\",\"id\":\"b\"}\n"));
  EXPECT_EQ(stream.problem(), "");
  EXPECT_FALSE(stream.feed("{\"errorDetail\":{\"message\":\"manifest unknown\"},\"error\":\"manifest unknown\"}\n"));
  EXPECT_EQ(stream.problem(), "manifest unknown");
  EXPECT_EQ(told, (std::vector<std::string>{"Pulling fs layer"}));
}

}  // namespace
}  // namespace dyno::docker
