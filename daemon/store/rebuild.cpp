#include "store/rebuild.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "store/events.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kSelectRuns = "SELECT run_key, id FROM run ORDER BY run_key";

}  // namespace

Result<Rebuilt> rebuild(Database& database) {
  Rebuilt rebuilt;
  const Status done = database.write("rebuilding the tables", [&](SQLite::Database& connection) -> Status {
    std::vector<std::pair<std::int64_t, std::string>> runs;
    Query q(connection, kSelectRuns);
    while (q.next()) {
      const std::int64_t key = q.integer();
      runs.emplace_back(key, q.text());
    }
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
