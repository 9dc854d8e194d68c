#include "model/build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace dyno::model {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

BuildLog log_of(int lines, Bytes kept) {
  BuildLog log;
  for (int i = 0; i < lines; ++i) add_line(log, "line " + std::to_string(i), kept);
  trim(log, kept);
  return log;
}

TEST(BuildLog, KeepsAShortLogWhole) {
  BuildLog log;
  add_line(log, "one");
  add_line(log, "\x1b[31mtwo\tthree");
  EXPECT_EQ(text_of(log), "one\n\\x1b[31mtwo three\n");
  EXPECT_EQ(log.lines, 2);
  EXPECT_EQ(log.told_bytes(), 22);
  EXPECT_EQ(log.tail.text, "");
}

TEST(BuildLog, KeepsBothEndsOfALongOneAndSaysWhatIsLeftOut) {
  const BuildLog log = log_of(10'000, Bytes{1000});
  const std::string text = text_of(log);
  EXPECT_LE(log.head.text.size() + log.tail.text.size(), 1000U);
  EXPECT_THAT(text, StartsWith("line 0\nline 1\n"));
  EXPECT_THAT(text, EndsWith("line 9998\nline 9999\n"));
  EXPECT_THAT(text, HasSubstr("\n… " + std::to_string(log.cut_lines) + " lines ("));
  EXPECT_EQ(log.lines, 10'000);
  EXPECT_EQ(log.cut_lines + std::count(text.begin(), text.end(), '\n') - 1, 10'000);
  EXPECT_EQ(log.told_bytes(), 98'890);
}

TEST(BuildLog, IsReadInPiecesOfAnySize) {
  for (const Bytes kept : {Bytes{400}, Bytes{100'000}}) {
    const BuildLog log = log_of(300, kept);
    for (const std::size_t limit : {1U, 7U, 150U, 100'000U}) {
      std::string text;
      std::int64_t from = 0;
      while (from < log.told_bytes()) {
        const LogPiece piece = piece_of(log, from, limit);
        ASSERT_GT(piece.next, from);
        text += piece.text;
        from = piece.next;
      }
      EXPECT_EQ(text, text_of(log)) << limit;
      EXPECT_EQ(piece_of(log, from + 5, limit).text, "") << "a position beyond its end";
    }
  }
}

TEST(BuildLog, ALineLongerThanTheLimitIsNoReasonToGrow) {
  BuildLog log;
  for (int i = 0; i < 100; ++i) add_line(log, std::string(5000, 'x'), Bytes{1000});
  trim(log, Bytes{1000});
  EXPECT_LE(log.head.text.size() + log.tail.text.size(), 1000U);
  EXPECT_EQ(log.lines, 100);
}

}  // namespace
}  // namespace dyno::model
