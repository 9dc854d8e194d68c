#include "store/rebuild.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "store/events.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kSelectRuns = "SELECT run_key, id FROM run WHERE ?1 = '' OR id = ?1 ORDER BY run_key";

}  // namespace

Result<Rebuilt> rebuild(Database& database, const std::string& run_id) {
  Rebuilt rebuilt;
  const Status done = database.write("rebuilding the tables", [&](SQLite::Database& connection) -> Status {
    std::vector<std::pair<std::int64_t, std::string>> runs;
    Query q(connection, kSelectRuns, run_id);
    while (q.next()) {
      const std::int64_t key = q.integer();
      runs.emplace_back(key, q.text());
    }
    if (runs.empty() && !run_id.empty()) return fail(ErrorCode::not_found, fmt::format("there is no run {}", run_id));
    for (const auto& [key, id] : runs) {
      const Result<bool> replayed = replay_run(connection, key, id);
      if (!replayed) return fail(replayed.error(), fmt::format("run {}", id));
      ++(*replayed ? rebuilt.runs : rebuilt.left);
    }
    return {};
  });
  if (!done) return fail(done.error());
  return rebuilt;
}

}  // namespace dyno::store
