// Rows with named, typed, unit-bearing columns: what every list of the API is, whatever form it leaves in. A row is made when it
// is asked for, from the values that the table owns. Values and pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "model/enum_text.h"

namespace dyno::api {

enum class ColumnType { text, instant, integer, number, flag, numbers, texts };
std::string_view to_string(ColumnType type);

struct Column {
  std::string_view name;  // ends in its unit: stop_ns, image_bytes, offered_per_s, done_ratio
  ColumnType type = ColumnType::text;
  std::string_view unit;  // "1/s", "ns", "B", "1", "%", as of model/metric; empty: none, or told by the column `unit`
  std::string_view description;
};

// Nothing: the row has no such value.
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<double>,
                          std::vector<std::string>>;

struct Table {
  std::vector<Column> columns;
  std::size_t size = 0;
  std::function<std::vector<Cell>(std::size_t row)> row;  // as many cells as columns
};

template <class T>
struct ColumnOf {
  Column column;
  std::function<Cell(const T&)> cell;
};

template <class T>
Table table_of(std::vector<ColumnOf<T>> columns, std::vector<T> rows) {
  Table table;
  for (const ColumnOf<T>& one : columns) table.columns.push_back(one.column);
  table.size = rows.size();
  // std::function copies what it holds; shared, the rows are not copied with it.
  const auto values = std::make_shared<const std::vector<T>>(std::move(rows));
  table.row = [values, columns = std::move(columns)](std::size_t row) {
    std::vector<Cell> cells;
    cells.reserve(columns.size());
    for (const ColumnOf<T>& one : columns) cells.push_back(one.cell((*values)[row]));
    return cells;
  };
  return table;
}

// ---- cells ----
inline Cell text_cell(std::string_view text) { return text.empty() ? Cell() : Cell(std::string(text)); }
inline Cell instant_cell(const std::optional<WallTime>& instant) {
  return instant ? Cell(format_instant(*instant)) : Cell();
}
inline Cell ns_cell(const std::optional<Nanos>& duration) {
  return duration ? Cell(static_cast<std::int64_t>(duration->count())) : Cell();
}
inline Cell bytes_cell(const std::optional<Bytes>& bytes) { return bytes ? Cell(bytes->value) : Cell(); }
inline Cell integer_cell(std::int64_t value) { return value; }
inline Cell integer_cell(const std::optional<std::int64_t>& value) { return value ? Cell(*value) : Cell(); }
// What is no number (NaN, infinite) is absent.
Cell number_cell(const std::optional<double>& value);
template <class E>
Cell word_cell(E value) {
  return text_cell(model::to_string(value));
}
template <class E>
Cell word_cell(const std::optional<E>& value) {
  return value ? word_cell(*value) : Cell();
}

// ---- forms ----
// RFC 4180: CR LF, quotes where they are needed, a header with the columns' names. A text that a spreadsheet would take for a
// formula (it begins with = + - @, a tab or a line end) gets an apostrophe before it. Lists are joined: numbers by a blank,
// texts by "; ".
std::string csv_header(const Table& table);
std::string csv_row(const Table& table, std::size_t row);

}  // namespace dyno::api
