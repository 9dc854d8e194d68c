#include "cli/table.h"

#include <gtest/gtest.h>

#include <clocale>

namespace dyno::cli {
namespace {

const Table kTable{"Caption", {{"NAME"}, {"TIME", true}}, {{"a", "45.1 µs"}, {"longer", "1 s"}, {"none"}}};

TEST(Table, AlignsByWidthOnTheScreen) {
  EXPECT_EQ(as_text(kTable),
            "Caption\n"
            "NAME       TIME\n"
            "a       45.1 µs\n"
            "longer      1 s\n"
            "none\n");
}

TEST(Table, WritesMarkdown) {
  EXPECT_EQ(as_markdown({"", {{"A"}, {"B", true}}, {{"x|y", "1\n2"}}}), "| A | B |\n| --- | ---: |\n| x\\|y | 1 2 |\n");
}

TEST(Table, WritesCsvThatNoSpreadsheetTakesForAFormula) {
  EXPECT_EQ(as_csv({"", {{"name"}, {"value"}}, {{"a,\"b\"", "-1.5"}, {"=1+1", "+x"}, {"@a", "line\nbreak"}}}),
            "name,value\r\n\"a,\"\"b\"\"\",-1.5\r\n'=1+1,'+x\r\n'@a,\"line\nbreak\"\r\n");
}

TEST(Table, KnowsWidths) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("µs – …"), 6U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("\xff\xc3"), 2U);
  EXPECT_EQ(cut_to_width("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");
  EXPECT_EQ(cut_to_width("abc", 3), "abc");
}

}  // namespace
}  // namespace dyno::cli
