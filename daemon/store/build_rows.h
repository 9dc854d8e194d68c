// Rows of builds, and their logs. Statements only, no rules. May throw SQLite::Exception: called only inside the work given to
// Database. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/build.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

void put_build(SQLite::Database& connection, std::int64_t run_key, std::int64_t event_id, const model::Build& build);
// In the order in which they were made.
std::vector<model::Build> select_builds(SQLite::Database& connection, std::int64_t run_key);
// Of the stack or service of that name, of the stack where both are; nothing: the run has not built it.
Result<std::optional<model::BuildLog>> select_build_log(SQLite::Database& connection, std::int64_t run_key,
                                                        const std::string& name);

}  // namespace dyno::store
