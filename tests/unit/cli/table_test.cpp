#include "cli/table.h"

#include <gtest/gtest.h>

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

// Issue 14, row 24: nothing is cut, and no line is wider.
TEST(Table, Row24FitsByWrappingTexts) {
  const Table table{
      "",
      {{"NAME"}, {"BLOCKS", true}, {"PURPOSE"}},
      {{"quick", "2", "A first look in minutes; too few trials."}, {"a-long-name-of-a-profile", "15", "µ"}}};
  EXPECT_EQ(as_text(table, 40),
            "NAME                    BLOCKS  PURPOSE\n"
            "quick                        2  A first\n"
            "                                look in\n"
            "                                minutes;\n"
            "                                too few\n"
            "                                trials.\n"
            "a-long-name-of-a-profi      15  µ\n"
            "le\n");
  EXPECT_EQ(as_text(table, 80), as_text(table));
}

TEST(Table, Row24AValueThatIsOneLongWordStandsBelowItsName) {
  EXPECT_EQ(as_text({"", {{"NAME"}, {"VALUE"}}, {{"hash", "sha256:0123456789abcdef0123456789"}, {"blocks", "2"}}}, 42),
            "NAME    VALUE\n"
            "hash    sha256:0123456789abcdef0123456789\n"
            "blocks  2\n");
  EXPECT_EQ(as_text({"", {{"NAME"}, {"VALUE"}}, {{"the.hash.of.all", "sha256:0123456789abcdef0123456789"}}}, 40),
            "NAME             VALUE\n"
            "the.hash.of.all\n"
            "    sha256:0123456789abcdef0123456789\n");
}

TEST(Table, Row24AScreenHasShortIdsAndListsAndOtherFormatsHaveThemWhole) {
  const Table table{"",
                    {{"RUN", false, false, true}, {"STACKS", false, false, false, true}},
                    {{"019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44", "node-fastify, go-nethttp, c"}, {"x", "a, b, c"}}};
  EXPECT_EQ(as_text(table), "RUN       STACKS\n6c1d8e44  node-fastify + 2\nx         a, b, c\n");
  EXPECT_NE(as_csv(table).find("019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44,\"node-fastify, go-nethttp, c\""),
            std::string::npos);
  EXPECT_NE(as_markdown(table).find("| 019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44 | node-fastify, go-nethttp, c |"),
            std::string::npos);
}

}  // namespace
}  // namespace dyno::cli
