// A statement that grows clause by clause, with the values of each, for what is filtered by whatever was asked for. May throw SQLite::Exception, as
// all of rows.h. One thread at a time.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/units.h"
#include "store/reader.h"
#include "store/rows.h"

namespace dyno::store {

class Clauses {
 public:
  // As many values as the text has `?`.
  template <class... T>
  explicit Clauses(std::string sql, const T&... values) : sql_(std::move(sql)) {
    (value(values), ...);
  }
  template <class... T>
  void add(std::string_view clause, const T&... values) {
    sql_ += clause;
    (value(values), ...);
  }
  // " AND column IN (…)" where there is anything to restrict it to.
  void among(std::string_view column, const std::vector<std::string>& names) {
    if (names.empty()) return;
    sql_ += fmt::format(" AND {} IN ({})", column, marks(names.size()));
    for (const std::string& name : names) value(name);
  }
  Query query(SQLite::Database& connection) const {
    Query q(connection, sql_);
    int i = 0;
    for (const auto& one : values_) {
      if (const auto* const text = std::get_if<std::string>(&one)) q.bind_at(++i, *text);
      else q.bind_at(++i, std::get<std::int64_t>(one));
    }
    return q;
  }

 private:
  void value(std::string text) { values_.emplace_back(std::move(text)); }
  void value(std::int64_t number) { values_.emplace_back(number); }
  void value(WallTime at) { values_.emplace_back(std::int64_t{to_ns(at)}); }

  std::string sql_;
  std::vector<std::variant<std::string, std::int64_t>> values_;
};

// Of series x and metric m.
inline void add_cell_filter(Clauses& sql, const CellFilter& filter) {
  sql.among("x.case_name", filter.cases);
  sql.among("x.stack", filter.stacks);
  sql.among("x.phase", filter.phases);
  sql.among("m.name", filter.metrics);
}

}  // namespace dyno::store
