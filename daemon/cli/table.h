// A table of texts and the formats to write it in. Widths are those on the screen, so that µ and wide characters line up.
// Pure functions, thread-safe (they read the locale).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dyno::cli {

enum class Format { table, json, ndjson, csv, markdown };

struct Column {
  std::string title;
  bool right = false;    // numbers
  bool instant = false;  // as the API writes it; people get "28 Nov 2026, 11:35"
};

struct Table {
  std::string caption;  // empty: none
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

std::string as_text(const Table& table);
std::string as_markdown(const Table& table);
// RFC 4180. A cell that a spreadsheet could take for a formula gets a leading apostrophe.
std::string as_csv(const Table& table);

// Columns on a terminal.
std::size_t display_width(std::string_view text);
// At most `width` columns, with an ellipsis where it was cut.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace dyno::cli
