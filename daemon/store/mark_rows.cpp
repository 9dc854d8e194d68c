#include "store/mark_rows.h"

#include <fmt/format.h>

#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kSelectTags = "SELECT run_key, tag FROM run_tag WHERE run_key IN ";
constexpr auto kSelectMarks = "SELECT coalesce(own_note, note), pinned, excluded FROM run WHERE run_key = ?";
constexpr auto kUpdateMarks = "UPDATE run SET own_note = ?, pinned = ?, excluded = ? WHERE run_key = ?";
constexpr auto kDeleteTags = "DELETE FROM run_tag WHERE run_key = ?";
constexpr auto kInsertTag = "INSERT INTO run_tag (run_key, tag) VALUES (?, ?)";

}  // namespace

std::unordered_map<std::int64_t, std::vector<std::string>> select_tags(SQLite::Database& connection,
                                                                       const std::vector<std::int64_t>& run_keys) {
  std::unordered_map<std::int64_t, std::vector<std::string>> tags;
  if (run_keys.empty()) return tags;
  Query q(connection, fmt::format("{}({}) ORDER BY run_key, tag", kSelectTags, marks(run_keys.size())));
  int i = 0;
  for (const std::int64_t key : run_keys) q.bind_at(++i, key);
  while (q.next()) {
    const std::int64_t key = q.integer();
    tags[key].push_back(q.text());
  }
  return tags;
}

model::Marks select_marks(SQLite::Database& connection, std::int64_t run_key) {
  model::Marks all;
  Query q(connection, kSelectMarks, run_key);
  if (!q.next()) return all;
  all.note = q.text();
  all.pinned = q.flag();
  all.excluded = q.maybe_text();
  all.tags = std::move(select_tags(connection, {run_key})[run_key]);
  return all;
}

void update_marks(SQLite::Database& connection, std::int64_t run_key, const model::Marks& all) {
  Query(connection, kUpdateMarks, all.note, all.pinned, all.excluded, run_key).run();
  Query(connection, kDeleteTags, run_key).run();
  for (const std::string& tag : all.tags) Query(connection, kInsertTag, run_key, tag).run();
}

}  // namespace dyno::store
