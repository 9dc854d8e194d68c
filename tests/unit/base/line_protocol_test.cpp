#include "base/line_protocol.h"

#include <limits>

#include <gtest/gtest.h>

namespace dyno {
namespace {

TEST(Line, WritesWordsAndFields) {
  Line line("second");
  line.add("good", 812).add("busy", 0.25).add("small", 1e-9).add("text", "a b=c%\n");
  EXPECT_EQ(line.text(), "second good=812 busy=0.25 small=0.000000001 text=a%20b%3Dc%25%0A\n");
  EXPECT_EQ(Line("go").text(), "go\n");
}

TEST(Line, BringsAnyByteBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  std::string text = Line("body").add("bytes", bytes).add("empty", "").text();
  ASSERT_EQ(text.back(), '\n');
  text.pop_back();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const Result<Line> line = Line::parse(text);
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->word(), "body");
  EXPECT_EQ(line->fields()[0].second, bytes);
  EXPECT_EQ(line->fields()[1].second, "");
}

TEST(Line, RefusesWhatItWouldNotWrite) {
  for (const char* text : {"", " ", "Word", "word ", "word  a=1", "word a", "word =1", "word a=%", "word a=%4",
                           "word a=%zz", "word a=1 a=2", "word a=b=c", "word a=\x01", "word\ta=1"}) {
    EXPECT_FALSE(Line::parse(text)) << text;
  }
}

TEST(LineReader, TakesTypedFields) {
  const Line line = Line::parse("load connections=64 rate=0.5 loop=open").value();
  LineReader reader(line);
  EXPECT_EQ(reader.integer("connections", 1, 100), 64);
  EXPECT_EQ(reader.number("rate", 0, 1), 0.5);
  EXPECT_EQ(reader.text("loop"), "open");
  EXPECT_EQ(reader.integer_or("absent", 7, 0, 9), 7);
  EXPECT_EQ(reader.text_or("gone", "x"), "x");
  EXPECT_TRUE(reader.finish());
}

TEST(LineReader, TellsTheFirstProblem) {
  const Line line = Line::parse("load connections=640 rate=fast extra=1").value();
  {
    LineReader reader(line);
    EXPECT_EQ(reader.integer("connections", 1, 100), 1);
    reader.number("rate", 0, 1);
    EXPECT_EQ(reader.finish().error().message, "line \"load\": connections=640 is not an integer of 1 to 100");
  }
  {
    LineReader reader(line);
    reader.text("connections");
    reader.text("rate");
    EXPECT_EQ(reader.finish().error().message, "line \"load\": extra is not known here");
  }
  {
    LineReader reader(line);
    reader.text("address");
    EXPECT_EQ(reader.finish().error().message, "line \"load\": address is missing");
  }
}

TEST(LineReader, KeepsTheRangeOfAnInteger) {
  const std::string highest = std::to_string(std::numeric_limits<std::int64_t>::max());
  const Line line = Line::parse("x a=" + highest + " b=9223372036854775808").value();
  LineReader reader(line);
  EXPECT_EQ(reader.integer("a", 0, std::numeric_limits<std::int64_t>::max()), std::numeric_limits<std::int64_t>::max());
  reader.integer("b", 0, std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(reader.finish());
}

}  // namespace
}  // namespace dyno
