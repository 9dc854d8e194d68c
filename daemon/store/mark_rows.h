// Rows of what somebody says of a run: note, tags, pinned, excluded. Statements only, no rules. May throw SQLite::Exception: called only
// inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/run.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

// The tags of several runs, by key.
std::unordered_map<std::int64_t, std::vector<std::string>> select_tags(SQLite::Database& connection,
                                                                       const std::vector<std::int64_t>& run_keys);
model::Marks select_marks(SQLite::Database& connection, std::int64_t run_key);
void update_marks(SQLite::Database& connection, std::int64_t run_key, const model::Marks& marks);

}  // namespace dyno::store
