#include "api/table.h"

#include <fmt/format.h>

#include <cmath>

#include "base/encoding.h"

namespace dyno::api {
namespace {

std::string guarded(const std::string& text) { return looks_like_a_formula(text) ? "'" + text : text; }

struct FieldOf {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& text) const { return guarded(text); }
  std::string operator()(const std::vector<double>& values) const { return fmt::format("{}", fmt::join(values, " ")); }
  std::string operator()(const std::vector<std::string>& texts) const {
    return guarded(fmt::format("{}", fmt::join(texts, "; ")));
  }
};

}  // namespace

std::string_view to_string(ColumnType type) {
  switch (type) {
    case ColumnType::text: return "text";
    case ColumnType::instant: return "instant";
    case ColumnType::integer: return "integer";
    case ColumnType::number: return "number";
    case ColumnType::flag: return "flag";
    case ColumnType::numbers: return "numbers";
    case ColumnType::texts: return "texts";
  }
  return "";
}

Cell number_cell(const std::optional<double>& value) { return value && std::isfinite(*value) ? Cell(*value) : Cell(); }

std::string csv_header(const Table& table) {
  std::string line;
  for (const Column& column : table.columns) {
    if (!line.empty()) line.push_back(',');
    line += csv_field(column.name);
  }
  return line + "\r\n";
}

std::string csv_row(const Table& table, std::size_t row) {
  std::string line;
  bool first = true;
  for (const Cell& cell : table.row(row)) {
    if (!first) line.push_back(',');
    first = false;
    line += csv_field(std::visit(FieldOf{}, cell));
  }
  return line + "\r\n";
}

}  // namespace dyno::api
