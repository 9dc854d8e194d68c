#include "store/rebuild.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "store/events.h"
#include "store/overview_rows.h"
#include "store/rows.h"
#include "store/summary_rows.h"

namespace dyno::store {
namespace {

constexpr auto kSelectRuns = "SELECT run_key, id FROM run ORDER BY run_key";
constexpr auto kSelectEnded = "SELECT run_key FROM run WHERE finished_at_ns IS NOT NULL ORDER BY run_key";
constexpr auto kSelectWithout = R"sql(
  SELECT run_key FROM run WHERE summary_rules IS NULL AND finished_at_ns IS NOT NULL ORDER BY run_key
)sql";

constexpr int kListed =
    20;  // runs of an older program that get the words of their row in lists: those that are seen first

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
  if (const Result<int> summarised = summarise_runs(database, Summaries::missing); !summarised)
    return fail(summarised.error());
  return rebuilt;
}

Result<int> summarise_runs(Database& database, Summaries which) {
  std::vector<std::int64_t> keys;
  const Status listed = database.read("listing runs to be summarised", [&](SQLite::Database& connection) -> Status {
    Query q(connection, which == Summaries::all ? kSelectEnded : kSelectWithout);
    while (q.next()) keys.push_back(q.integer());
    return {};
  });
  if (!listed) return fail(listed.error());
  for (const std::int64_t key : keys) {
    const Status written = database.write("summarising a run", [&](SQLite::Database& connection) -> Status {
      write_summaries(connection, key);
      return write_overview(connection, key);
    });
    if (!written) return fail(written.error());
  }
  const Status listed_too = database.write("writing what runs are listed with", [&](SQLite::Database& c) -> Status {
    for (const std::int64_t key : select_without_overview(c, kListed)) {
      if (Status written = write_overview(c, key); !written) return written;
    }
    return {};
  });
  if (!listed_too) return fail(listed_too.error());
  return static_cast<int>(keys.size());
}

}  // namespace dyno::store
