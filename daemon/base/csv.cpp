#include "base/csv.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace dyno {
namespace {

// Takes fields off the front of a text and counts its lines.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : left_(text) {}

  bool is_at_end() const { return left_.empty(); }
  int line() const { return line_; }

  // One record; nothing when a quote is wrong or left open.
  std::optional<std::vector<std::string>> record() {
    std::vector<std::string> fields;
    while (true) {
      auto field = left_.starts_with('"') ? quoted() : std::optional(plain());
      if (!field) return std::nullopt;
      fields.push_back(std::move(*field));
      if (left_.starts_with(',')) {
        left_.remove_prefix(1);
        continue;
      }
      if (left_.starts_with('\r')) left_.remove_prefix(1);
      if (!left_.empty() && !left_.starts_with('\n')) return std::nullopt;  // something behind a closing quote
      if (!left_.empty()) left_.remove_prefix(1);
      ++line_;
      return fields;
    }
  }

 private:
  std::string plain() {
    const std::string_view field = left_.substr(0, left_.find_first_of(",\r\n"));
    left_.remove_prefix(field.size());
    return std::string(field);
  }

  std::optional<std::string> quoted() {
    std::string field;
    left_.remove_prefix(1);
    while (true) {
      const std::size_t quote = left_.find('"');
      if (quote == std::string_view::npos) return std::nullopt;
      field += left_.substr(0, quote);
      left_.remove_prefix(quote + 1);
      if (!left_.starts_with('"')) break;
      field += '"';
      left_.remove_prefix(1);
    }
    line_ += static_cast<int>(std::count(field.begin(), field.end(), '\n'));
    return field;
  }

  std::string_view left_;
  int line_ = 1;
};

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Result<CsvTable> read_csv(std::string_view text, std::string_view source) {
  const auto bad = [&](int line, std::string_view what) {
    return fail(ErrorCode::invalid_argument, fmt::format("{}:{}: {}", source, line, what));
  };
  CsvTable table;
  CsvReader reader(text);
  while (!reader.is_at_end()) {
    const int line = reader.line();
    auto record = reader.record();
    if (!record) return bad(line, "a quote is left open or closed too early");
    if (record->size() == 1 && record->front().empty()) continue;  // an empty line
    if (table.names.empty()) {
      table.names = std::move(*record);
      for (const std::string& name : table.names) {
        if (name.empty()) return bad(line, "a column has no name");
        if (std::count(table.names.begin(), table.names.end(), name) > 1)
          return bad(line, fmt::format("two columns are named \"{}\"", visible(name, 40)));
      }
    } else if (record->size() != table.names.size()) {
      return bad(line, fmt::format("{} values, but {} columns are named", record->size(), table.names.size()));
    } else {
      table.rows.push_back(std::move(*record));
    }
  }
  if (table.rows.empty()) return bad(reader.line(), "there is no row of values below the names");
  return table;
}

}  // namespace dyno
