#include "api/table.h"

#include <gtest/gtest.h>

#include <limits>

#include "all_tables.h"
#include "api/wire.h"
#include "model/metric.h"

namespace dyno::api {
namespace {

Table one_row(std::vector<Cell> cells) {
  Table table;
  for (std::size_t i = 0; i < cells.size(); ++i) table.columns.push_back({"c", ColumnType::text, "", ""});
  table.size = 1;
  table.row = [cells = std::move(cells)](std::size_t) { return cells; };
  return table;
}

struct FieldRow {
  Cell cell;
  const char* csv;
};

TEST(Table, WritesEachKindOfCell) {
  const std::vector<FieldRow> rows{
      {Cell(), ""},
      {Cell(true), "true"},
      {Cell(std::int64_t{-5}), "-5"},
      {Cell(std::numeric_limits<std::int64_t>::max()), "9223372036854775807"},
      {Cell(0.1), "0.1"},
      {Cell(-21840.5), "-21840.5"},
      {Cell(std::string("plain")), "plain"},
      {Cell(std::string("a,b")), "\"a,b\""},
      {Cell(std::string("say \"so\"")), "\"say \"\"so\"\"\""},
      {Cell(std::string("two\nlines")), "\"two\nlines\""},
      {Cell(std::string(" blank")), "\" blank\""},
      {Cell(std::string("a;b")), "a;b"},
      {Cell(std::vector<double>{1, 2.5}), "1 2.5"},
      {Cell(std::vector<std::string>{"x", "y"}), "x; y"},
      {Cell(std::vector<std::string>{}), ""},
  };
  for (const FieldRow& row : rows) EXPECT_EQ(csv_row(one_row({row.cell}), 0), std::string(row.csv) + "\r\n");
}

// What a spreadsheet would run is a text to it; a number stays one.
TEST(Table, NoTextIsAFormula) {
  for (const std::string text : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"}) {
    const std::string line = csv_row(one_row({Cell(text)}), 0);
    EXPECT_TRUE(line.starts_with("'" + text) || line.starts_with("\"'" + text)) << line;
    EXPECT_TRUE(csv_row(one_row({Cell(std::vector<std::string>{text, "b"})}), 0).find('\'') <= 1) << text;
  }
  EXPECT_EQ(csv_row(one_row({Cell(-1.0)}), 0), "-1\r\n");
  EXPECT_EQ(csv_row(one_row({Cell(std::string("a=b"))}), 0), "a=b\r\n");
}

TEST(Table, LeavesOutOfNdjsonWhatIsAbsent) {
  Table table = one_row({Cell(std::string("=\"x\"\n")), Cell(), Cell(2.5), Cell(std::vector<double>{1})});
  table.columns = {{"text", ColumnType::text, "", ""},
                   {"none", ColumnType::number, "", ""},
                   {"value", ColumnType::number, "", ""},
                   {"values", ColumnType::numbers, "", ""}};
  EXPECT_EQ(wire::ndjson_row(table, 0), "{\"text\":\"=\\\"x\\\"\\n\",\"value\":2.5,\"values\":[1.0]}\n");
  EXPECT_EQ(csv_header(table), "text,none,value,values\r\n");
}

TEST(Table, WhatIsNoNumberIsAbsent) {
  EXPECT_EQ(number_cell(std::numeric_limits<double>::quiet_NaN()), Cell());
  EXPECT_EQ(number_cell(std::numeric_limits<double>::infinity()), Cell());
  EXPECT_EQ(number_cell(std::nullopt), Cell());
  EXPECT_EQ(number_cell(0.0), Cell(0.0));
}

std::string_view ending_of(std::string_view unit) {
  if (unit == "ns") return "_ns";
  if (unit == "B") return "_bytes";
  if (unit == "1/s") return "_per_s";
  if (unit == "%") return "percent";
  return "";
}

// A reader of a CSV file has only the header: it has to tell the unit. Shares and cores (unit 1) have none.
TEST(Table, EveryColumnNameIsUniqueAndEndsInItsUnit) {
  for (const auto& [path, table] : all_tables()) {
    std::set<std::string_view> names;
    for (const Column& column : table.columns) {
      EXPECT_TRUE(names.insert(column.name).second) << path << ": " << column.name << " stands twice";
      EXPECT_FALSE(column.description.empty()) << path << ": " << column.name;
      const bool inner = column.name.find("_ns_per_") != std::string_view::npos;  // app_cpu_ns_per_request
      EXPECT_TRUE(inner || column.name.ends_with(ending_of(column.unit))) << path << ": " << column.name;
      const bool has_unit = column.type == ColumnType::integer || column.type == ColumnType::number;
      EXPECT_TRUE(has_unit || column.unit.empty()) << path << ": " << column.name;
    }
  }
}

}  // namespace
}  // namespace dyno::api
