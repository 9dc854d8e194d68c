#include "cli/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/id.h"
#include "base/screen.h"
#include "base/text.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

// An instant is either UTC or local with its zone.
std::string spoken(const Column& column, const std::string& cell) {
  if (column.state) return outcome_title(cell, 0, 0);
  if (!column.instant) return cell;
  return parse_instant(cell) ? stamp(cell) : local_stamp(cell);
}

// The table with its instants as people read them.
Table for_people(Table table) {
  for (auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size() && i < table.columns.size(); ++i) row[i] = spoken(table.columns[i], row[i]);
  }
  return table;
}

// "plaintext + 13" where the names would take too much room.
std::string shortened_list(const std::string& items) {
  constexpr std::size_t kRoom = 24;
  if (display_width(items) <= kRoom) return items;
  const std::vector<std::string_view> names = split(items, ',');
  return names.size() < 2 ? items : fmt::format("{} + {}", names.front(), names.size() - 1);
}

// What a screen has room for; other formats have it whole.
Table for_screen(Table table) {
  for (auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size() && i < table.columns.size(); ++i) {
      std::string& cell = row[i];
      if (table.columns[i].list) cell = shortened_list(cell);
      if (table.columns[i].run) cell = short_id(cell);
    }
  }
  return for_people(std::move(table));
}

std::vector<std::size_t> widths_of(const Table& table, std::size_t (*measure)(std::string_view)) {
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) widths.push_back(measure(column.title));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], measure(row[i]));
  }
  return widths;
}

constexpr std::size_t kIndent = 4;  // of a value below its name

std::size_t whole_width(const std::vector<std::size_t>& widths) {
  std::size_t whole = widths.empty() ? 0 : kColumnGap * (widths.size() - 1);
  for (const std::size_t width : widths) whole += width;
  return whole;
}

// Takes from the widest column first, never below `least`, until the table fits.
void narrow(std::vector<std::size_t>& widths, const std::vector<std::size_t>& least, std::size_t width) {
  while (whole_width(widths) > width) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] > least[i] && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
    }
    if (widest == nullptr) return;
    --*widest;
  }
}

// Names and values, of which a long one may stand below its name.
bool is_list_of_values(const Table& table) { return table.columns.size() == 2 && !table.columns[1].right; }

// Texts are wrapped at spaces and, where that does not help, within words. Numbers are neither.
std::vector<std::size_t> fitting_widths(const Table& table, std::size_t width) {
  constexpr std::size_t kNarrowText = 8;
  constexpr std::size_t kNarrowValue = 24;
  std::vector<std::size_t> widths = widths_of(table, display_width);
  std::vector<std::size_t> whole_words = widths_of(table, longest_word);
  std::vector<std::size_t> least = widths;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (table.columns[i].right) whole_words[i] = widths[i];
    else least[i] = table.columns[i].instant ? whole_words[i] : std::min(widths[i], kNarrowText);
  }
  if (is_list_of_values(table)) whole_words[1] = std::min(whole_words[1], kNarrowValue);
  narrow(widths, whole_words, width);
  narrow(widths, least, width);
  return widths;
}

std::string trimmed_line(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string markdown_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell.push_back('\\');
    cell.push_back(c == '\n' ? ' ' : c);
  }
  return cell;
}

// Cells are texts: a negative number is no formula.
std::string csv_cell(const std::string& text) {
  return csv_field(looks_like_a_formula(text) && !parse_double(text) ? "'" + text : text);
}

}  // namespace

namespace {

// One row, as many lines as its longest cell needs.
std::string row_text(const Table& table, const std::vector<std::size_t>& widths, std::vector<std::string> row,
                     std::size_t width) {
  row.resize(widths.size());
  std::string below;
  if (is_list_of_values(table) && longest_word(row[1]) > widths[1]) {
    for (const std::string& line : wrap_to_width(row[1], width - kIndent))
      below += std::string(kIndent, ' ') + line + "\n";
    row[1].clear();
  }
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    cells.push_back(wrap_to_width(row[i], widths[i]));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (std::size_t at = 0; at < height; ++at) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      line += (i == 0 ? "" : std::string(kColumnGap, ' ')) +
              padded(at < cells[i].size() ? cells[i][at] : std::string(), widths[i], table.columns[i].right);
    }
    text += trimmed_line(std::move(line));
  }
  return text + below;
}

}  // namespace

std::string as_text(const Table& machine_table, std::size_t width) {
  const Table table = for_screen(machine_table);
  const std::vector<std::size_t> widths = fitting_widths(table, width);
  std::string text = table.caption.empty() ? std::string() : hanging(table.caption, width, 2) + "\n";
  std::vector<std::string> titles;
  for (const Column& column : table.columns) titles.push_back(column.title);
  text += row_text(table, widths, std::move(titles), width);
  for (const auto& row : table.rows) text += row_text(table, widths, row, width);
  return text;
}

std::string as_markdown(const Table& machine_table) {
  const Table table = for_people(machine_table);
  std::string text = table.caption.empty() ? std::string() : "**" + table.caption + "**\n\n";
  std::string rule = "|";
  text += "|";
  for (const Column& column : table.columns) {
    text += " " + markdown_cell(column.title) + " |";
    rule += column.right ? " ---: |" : " --- |";
  }
  text += "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    text += "|";
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      text += " " + (i < row.size() ? markdown_cell(row[i]) : std::string()) + " |";
    text += "\n";
  }
  return text;
}

std::string as_csv(const Table& table) {
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i) text += (i == 0 ? "" : ",") + csv_cell(table.columns[i].title);
  text += "\r\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      text += (i == 0 ? "" : ",") + (i < row.size() ? csv_cell(row[i]) : std::string());
    text += "\r\n";
  }
  return text;
}

}  // namespace dyno::cli
