#include "base/csv.h"

#include <gtest/gtest.h>

namespace dyno {
namespace {

using Row = std::vector<std::string>;

TEST(Csv, ReadsCsv) {
  const Result<CsvTable> table = read_csv("id,name\r\n1,Ann\n\n2,\"B, \"\"b\"\"\nx\"\n3,", "users.csv");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->names, (Row{"id", "name"}));
  EXPECT_EQ(table->rows, (std::vector<Row>{{"1", "Ann"}, {"2", "B, \"b\"\nx"}, {"3", ""}}));
  EXPECT_EQ(table->column("name"), 1U);
  EXPECT_FALSE(table->column("Name"));
}

TEST(Csv, NamesFileAndLineOfWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "users.csv:1: there is no row of values"},
      {"id\n", "users.csv:2: there is no row of values"},
      {"id,name\n1,Ann\n2\n", "users.csv:3: 1 values, but 2 columns are named"},
      {"id\n\"a\nb\"\n1,2\n", "users.csv:4: 2 values"},
      {"id\n\"open\n", "users.csv:2: a quote is left open"},
      {"id\n\"a\"b\n", "users.csv:2: a quote is left open or closed too early"},
      {"id,id\n1,2\n", "users.csv:1: two columns are named \"id\""},
      {"id,\n1,2\n", "users.csv:1: a column has no name"},
  };
  for (const auto& [text, words] : rows) {
    const Result<CsvTable> table = read_csv(text, "users.csv");
    ASSERT_FALSE(table) << text;
    EXPECT_NE(table.error().message.find(words), std::string::npos) << table.error().message;
  }
}

}  // namespace
}  // namespace dyno
