// Tables as CSV (RFC 4180: commas, quotes doubled inside quotes, the first line names the columns). Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dyno {

struct CsvTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;  // each as long as `names`

  std::optional<std::size_t> column(std::string_view name) const;
};

// `source` is named in errors, with the line. A table has at least one row.
Result<CsvTable> read_csv(std::string_view text, std::string_view source);

}  // namespace dyno
