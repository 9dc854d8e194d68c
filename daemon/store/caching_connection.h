// A connection whose statements stay prepared: SQLite takes longer to read most of ours than to run them, and a trial is a few hundred. All
// connections that Database gives to its work are of this kind. One thread at a time.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace dyno::store {

class CachingConnection : public SQLite::Database {
 public:
  using SQLite::Database::Database;

  // A statement that nobody uses, with nothing bound; prepared where there is none. May throw SQLite::Exception.
  std::unique_ptr<SQLite::Statement> take(const std::string& sql) {
    const auto found = idle_.find(sql);
    if (found == idle_.end()) return std::make_unique<SQLite::Statement>(*this, sql);
    auto statement = std::move(found->second);
    idle_.erase(found);
    return statement;
  }
  // Keeps it for the next one who takes it; beyond a number that only odd lists of filters reach it is forgotten.
  void give_back(const std::string& sql, std::unique_ptr<SQLite::Statement> statement) noexcept {
    if (idle_.size() >= kKept) return;
    try {
      statement->tryReset();
      statement->clearBindings();
      idle_.emplace(sql, std::move(statement));
    } catch (const std::exception&) {
      // It is prepared again when it is wanted.
    }
  }

 private:
  static constexpr std::size_t kKept = 96;

  std::unordered_multimap<std::string, std::unique_ptr<SQLite::Statement>> idle_;
};

}  // namespace dyno::store
