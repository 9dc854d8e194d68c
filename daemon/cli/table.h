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
  bool run = false;      // its id; on a screen the last 8 characters, as on the dashboard
  bool list = false;     // of names; on a screen the first and how many more there are
  bool state = false;    // of a run, as the API has it; people get "Timed out"
};

struct Table {
  std::string caption;  // empty: none
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

constexpr std::size_t kAnyWidth = 100'000;
constexpr std::size_t kColumnGap = 2;  // blanks

// Fits `width` where it can: texts are wrapped, nothing is cut, numbers stay whole.
std::string as_text(const Table& table, std::size_t width = kAnyWidth);
std::string as_markdown(const Table& table);
// RFC 4180. A cell that a spreadsheet could take for a formula gets a leading apostrophe.
std::string as_csv(const Table& table);

}  // namespace dyno::cli
