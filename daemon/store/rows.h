// Values of the model in and out of statements: what is bound to `?` and what is taken from the columns, one after the other
// in the order of the SQL. May throw SQLite::Exception: used only inside the work given to Database. One thread at a time.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

// `i` counts from 1.
inline void bind_one(Prepared& s, int i, std::int64_t value) { s.bound(sqlite3_bind_int64(s.get(), i, value)); }
inline void bind_one(Prepared& s, int i, int value) { s.bound(sqlite3_bind_int(s.get(), i, value)); }
inline void bind_one(Prepared& s, int i, bool value) { s.bound(sqlite3_bind_int(s.get(), i, value ? 1 : 0)); }
inline void bind_one(Prepared& s, int i, double value) { s.bound(sqlite3_bind_double(s.get(), i, value)); }
inline void bind_one(Prepared& s, int i, std::nullopt_t) { s.bound(sqlite3_bind_null(s.get(), i)); }
inline void bind_one(Prepared& s, int i, std::string_view value) {
  // Without a place of its own an empty text would be NULL.
  const char* const text = value.empty() ? "" : value.data();
  s.bound(sqlite3_bind_text(s.get(), i, text, static_cast<int>(value.size()), SQLITE_TRANSIENT));
}
inline void bind_one(Prepared& s, int i, const std::string& value) { bind_one(s, i, std::string_view(value)); }
inline void bind_one(Prepared& s, int i, const char* value) { bind_one(s, i, std::string_view(value)); }
inline void bind_one(Prepared& s, int i, Blob value) {
  const char* const bytes = value.bytes.empty() ? "" : value.bytes.data();
  s.bound(sqlite3_bind_blob(s.get(), i, bytes, static_cast<int>(value.bytes.size()), SQLITE_TRANSIENT));
}
inline void bind_one(Prepared& s, int i, WallTime value) { bind_one(s, i, std::int64_t{to_ns(value)}); }
inline void bind_one(Prepared& s, int i, MonotonicTime value) { bind_one(s, i, std::int64_t{to_ns(value)}); }
inline void bind_one(Prepared& s, int i, Nanos value) { bind_one(s, i, static_cast<std::int64_t>(value.count())); }
inline void bind_one(Prepared& s, int i, Bytes value) { bind_one(s, i, std::int64_t{value.value}); }

template <class E>
requires std::is_enum_v<E>
void bind_one(Prepared& s, int i, E value) { bind_one(s, i, model::to_string(value)); }

template <class T>
void bind_one(Prepared& s, int i, const std::optional<T>& value) {
  if (value) {
    bind_one(s, i, *value);
  } else {
    bind_one(s, i, std::nullopt);
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
  // From its first row, with other values.
  template <class... T>
  void again(const T&... values) {
    statement_->clear();
    bind(values...);
  }

  // Moves to the next row and its first column; false after the last row.
  bool next() {
    column_ = 0;
    return statement_->step();
  }
  // Runs a statement that returns no row; how many rows it changed.
  int run() {
    if (statement_->step()) throw SQLite::Exception("a statement that changes something returned a row", SQLITE_MISUSE);
    return sqlite3_changes(connection_.getHandle());
  }

  void skip(int columns) { column_ += columns; }
  // Each takes the next column; text() takes blocks of bytes too.
  std::int64_t integer() { return sqlite3_column_int64(statement_->get(), column_++); }
  int number() { return sqlite3_column_int(statement_->get(), column_++); }
  bool flag() { return number() != 0; }
  double real() { return sqlite3_column_double(statement_->get(), column_++); }
  std::string text() { return std::string(view()); }
  // Stays until the next row or column of the statement is asked for.
  std::string_view view() {
    const void* const bytes = sqlite3_column_blob(statement_->get(), column_);
    const int size = sqlite3_column_bytes(statement_->get(), column_++);
    return bytes == nullptr ? std::string_view()
                            : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  WallTime wall() { return wall_from_ns(integer()); }
  MonotonicTime monotonic() { return monotonic_from_ns(integer()); }
  Nanos nanos() { return Nanos(integer()); }

  std::optional<std::int64_t> maybe_integer() {
    return maybe([this] { return integer(); });
  }
  std::optional<double> maybe_real() {
    return maybe([this] { return real(); });
  }
  std::optional<std::string> maybe_text() {
    return maybe([this] { return text(); });
  }
  std::optional<WallTime> maybe_wall() {
    return maybe([this] { return wall(); });
  }
  std::optional<MonotonicTime> maybe_monotonic() {
    return maybe([this] { return monotonic(); });
  }
  std::optional<Nanos> maybe_nanos() {
    return maybe([this] { return nanos(); });
  }
  std::optional<Bytes> maybe_bytes() {
    return maybe([this] { return Bytes{integer()}; });
  }

  template <class E>
  E word() {
    const std::string_view name = view();
    const std::optional<E> value = model::parse_enum<E>(name);
    if (!value)
      throw SQLite::Exception("the stored word \"" + std::string(name) + "\" is unknown to this program",
                              SQLITE_MISMATCH);
    return *value;
  }
  template <class E>
  std::optional<E> maybe_word() {
    return maybe([this] { return word<E>(); });
  }

 private:
  template <class Get>
  auto maybe(Get get) -> std::optional<decltype(get())> {
    if (sqlite3_column_type(statement_->get(), column_) != SQLITE_NULL) return get();
    ++column_;
    return std::nullopt;
  }

  CachingConnection& connection_;
  std::string sql_;
  std::unique_ptr<Prepared> statement_;
  int column_ = 0;
};

}  // namespace dyno::store
