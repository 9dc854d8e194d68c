// Values of the model in and out of statements: what is bound to `?` and what is taken from the columns, one after the other
// in the order of the SQL. May throw SQLite::Exception: used only inside the work given to Database. One thread at a time.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/units.h"
#include "model/enum_text.h"
#include "store/caching_connection.h"

namespace dyno::store {

// A block of bytes, to tell it from text.
struct Blob {
  const std::string& bytes;
};

inline void bind_one(SQLite::Statement& s, int i, std::int64_t value) { s.bind(i, value); }
inline void bind_one(SQLite::Statement& s, int i, int value) { s.bind(i, value); }
inline void bind_one(SQLite::Statement& s, int i, bool value) { s.bind(i, value ? 1 : 0); }
inline void bind_one(SQLite::Statement& s, int i, double value) { s.bind(i, value); }
inline void bind_one(SQLite::Statement& s, int i, std::nullopt_t) { s.bind(i); }
inline void bind_one(SQLite::Statement& s, int i, const std::string& value) { s.bind(i, value); }
inline void bind_one(SQLite::Statement& s, int i, std::string_view value) { s.bind(i, std::string(value)); }
inline void bind_one(SQLite::Statement& s, int i, const char* value) { s.bind(i, value); }
inline void bind_one(SQLite::Statement& s, int i, Blob value) {
  s.bind(i, value.bytes.data(), static_cast<int>(value.bytes.size()));
}
inline void bind_one(SQLite::Statement& s, int i, WallTime value) { s.bind(i, to_ns(value)); }
inline void bind_one(SQLite::Statement& s, int i, MonotonicTime value) { s.bind(i, to_ns(value)); }
inline void bind_one(SQLite::Statement& s, int i, Nanos value) { s.bind(i, static_cast<std::int64_t>(value.count())); }
inline void bind_one(SQLite::Statement& s, int i, Bytes value) { s.bind(i, value.value); }

template <class E>
requires std::is_enum_v<E>
void bind_one(SQLite::Statement& s, int i, E value) { bind_one(s, i, model::to_string(value)); }

template <class T>
void bind_one(SQLite::Statement& s, int i, const std::optional<T>& value) {
  if (value) {
    bind_one(s, i, *value);
  } else {
    s.bind(i);
  }
}

// "?, ?, ?"
inline std::string marks(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
  return text;
}

// A prepared statement with its values, which is kept for the next one who wants it. The connection is one that Database gave to its work.
class Query {
 public:
  template <class... T>
  Query(SQLite::Database& connection, std::string sql, const T&... values)
      : connection_(static_cast<CachingConnection&>(connection)),
        sql_(std::move(sql)),
        statement_(connection_.take(sql_)) {
    bind(values...);
  }
  ~Query() {
    if (statement_) connection_.give_back(sql_, std::move(statement_));
  }
  Query(Query&&) = default;
  Query& operator=(Query&&) = delete;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  template <class... T>
  void bind(const T&... values) {
    int i = 0;
    (bind_one(*statement_, ++i, values), ...);
  }
  template <class T>
  void bind_at(int i, const T& value) {
    bind_one(*statement_, i, value);
  }

  // Moves to the next row and its first column; false after the last row.
  bool next() {
    column_ = 0;
    return statement_->executeStep();
  }
  // Runs a statement that returns no row; how many rows it changed.
  int run() { return statement_->exec(); }

  void skip(int columns) { column_ += columns; }
  // Each takes the next column; text() takes blocks of bytes too.
  std::int64_t integer() { return take().getInt64(); }
  int number() { return take().getInt(); }
  bool flag() { return take().getInt() != 0; }
  double real() { return take().getDouble(); }
  std::string text() { return take().getString(); }
  WallTime wall() { return wall_from_ns(integer()); }
  MonotonicTime monotonic() { return monotonic_from_ns(integer()); }
  Nanos nanos() { return Nanos(integer()); }

  std::optional<std::int64_t> maybe_integer() {
    return maybe<std::int64_t>([](const SQLite::Column& c) { return c.getInt64(); });
  }
  std::optional<double> maybe_real() {
    return maybe<double>([](const SQLite::Column& c) { return c.getDouble(); });
  }
  std::optional<std::string> maybe_text() {
    return maybe<std::string>([](const SQLite::Column& c) { return c.getString(); });
  }
  std::optional<WallTime> maybe_wall() {
    return maybe<WallTime>([](const SQLite::Column& c) { return wall_from_ns(c.getInt64()); });
  }
  std::optional<MonotonicTime> maybe_monotonic() {
    return maybe<MonotonicTime>([](const SQLite::Column& c) { return monotonic_from_ns(c.getInt64()); });
  }
  std::optional<Nanos> maybe_nanos() {
    return maybe<Nanos>([](const SQLite::Column& c) { return Nanos(c.getInt64()); });
  }
  std::optional<Bytes> maybe_bytes() {
    return maybe<Bytes>([](const SQLite::Column& c) { return Bytes{c.getInt64()}; });
  }

  template <class E>
  E word() {
    const std::string name = text();
    const std::optional<E> value = model::parse_enum<E>(name);
    if (!value) throw SQLite::Exception("the stored word \"" + name + "\" is unknown to this program", SQLITE_MISMATCH);
    return *value;
  }
  template <class E>
  std::optional<E> maybe_word() {
    if (!statement_->isColumnNull(column_)) return word<E>();
    ++column_;
    return std::nullopt;
  }

 private:
  SQLite::Column take() { return statement_->getColumn(column_++); }
  template <class T, class Get>
  std::optional<T> maybe(Get get) {
    SQLite::Column column = take();
    if (column.isNull()) return std::nullopt;
    return get(column);
  }

  CachingConnection& connection_;
  std::string sql_;
  std::unique_ptr<SQLite::Statement> statement_;
  int column_ = 0;
};

}  // namespace dyno::store
