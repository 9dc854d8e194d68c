// A connection whose statements stay prepared: SQLite takes longer to read most of ours than to run them, and a trial is a few hundred. All
// connections that Database gives to its work are of this kind. One thread at a time.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace dyno::store {

// A prepared statement, finalised when it is destroyed. Over the bare C interface: the library's columns cost more than reading them.
class Prepared {
 public:
  Prepared(sqlite3* connection, const std::string& sql) {
    const int rc = sqlite3_prepare_v3(connection, sql.c_str(), static_cast<int>(sql.size()) + 1,
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (rc != SQLITE_OK) throw SQLite::Exception(connection, rc);
  }
  ~Prepared() { sqlite3_finalize(statement_); }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  sqlite3_stmt* get() const { return statement_; }
  // True: there is a row; false: it is done.
  bool step() {
    const int rc = sqlite3_step(statement_);
    if (rc == SQLITE_ROW) return true;
    if (rc == SQLITE_DONE) return false;
    throw SQLite::Exception(sqlite3_db_handle(statement_), rc);
  }
  // What binding a value returned.
  void bound(int rc) const {
    if (rc != SQLITE_OK) throw SQLite::Exception(sqlite3_db_handle(statement_), rc);
  }
  // As it was when it was prepared. What went wrong with it has been told.
  void clear() noexcept {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

class CachingConnection : public SQLite::Database {
 public:
  using SQLite::Database::Database;

  // A statement that nobody uses, with nothing bound; prepared where there is none. May throw SQLite::Exception.
  std::unique_ptr<Prepared> take(const std::string& sql) {
    const auto found = idle_.find(sql);
    if (found == idle_.end()) return std::make_unique<Prepared>(getHandle(), sql);
    auto statement = std::move(found->second);
    idle_.erase(found);
    return statement;
  }
  // Keeps it for the next one who takes it; beyond a number that only odd lists of filters reach it is forgotten.
  void give_back(const std::string& sql, std::unique_ptr<Prepared> statement) noexcept {
    if (idle_.size() >= kKept) return;
    statement->clear();
    try {
      idle_.emplace(sql, std::move(statement));
    } catch (const std::exception&) {
      // It is prepared again when it is wanted.
    }
  }

 private:
  static constexpr std::size_t kKept = 96;

  std::unordered_multimap<std::string, std::unique_ptr<Prepared>> idle_;
};

}  // namespace dyno::store
