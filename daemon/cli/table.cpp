#include "cli/table.h"

#include <algorithm>
#include <cwchar>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// The first character; a byte that begins none stands for itself.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (bytes == 1 || bytes > text.size()) return {lead, 1};
  char32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  return {code, bytes};
}

std::size_t width_of(char32_t code) {
  if (code < 0x300) return 1;  // also where no locale is set and wcwidth knows ASCII only
  const int width = ::wcwidth(static_cast<wchar_t>(code));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return right ? blanks + text : text + blanks;
}

// An instant is either UTC or local with its zone.
std::string spoken(const Column& column, const std::string& cell) {
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

std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) widths.push_back(display_width(column.title));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i]));
  }
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

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += width_of(character.code);
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string cut;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const Character character = first_character(text);
    used += width_of(character.code);
    if (used > width) break;
    cut.append(text.substr(0, character.bytes));
    text.remove_prefix(character.bytes);
  }
  return cut + "…";
}

std::string as_text(const Table& machine_table) {
  const Table table = for_people(machine_table);
  const std::vector<std::size_t> widths = widths_of(table);
  std::string text = table.caption.empty() ? std::string() : table.caption + "\n";
  const auto write_row = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i)
      line += (i == 0 ? "" : "  ") + padded(cell_of(i), widths[i], table.columns[i].right);
    text += trimmed_line(std::move(line));
  };
  write_row([&](std::size_t i) { return table.columns[i].title; });
  for (const auto& row : table.rows) write_row([&](std::size_t i) { return i < row.size() ? row[i] : std::string(); });
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
