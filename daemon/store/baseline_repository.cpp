#include "store/baseline_repository.h"

#include <fmt/format.h>

#include <utility>

#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kSelectAll =
    "SELECT name, ref, profile, schedule, stack, created_at_ns, changed_at_ns FROM baseline ORDER BY name";
constexpr auto kSelect =
    "SELECT name, ref, profile, schedule, stack, created_at_ns, changed_at_ns FROM baseline WHERE name = ?";
constexpr auto kPut = R"sql(
  INSERT INTO baseline (name, ref, profile, schedule, stack, created_at_ns, changed_at_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
  ON CONFLICT (name) DO UPDATE SET ref = excluded.ref, profile = excluded.profile, schedule = excluded.schedule,
                                   stack = excluded.stack, changed_at_ns = excluded.changed_at_ns
)sql";
constexpr auto kDelete = "DELETE FROM baseline WHERE name = ?";

model::Baseline baseline_at(Query& q) {
  model::Baseline one;
  one.name = q.text();
  one.ref = q.text();
  one.profile = q.text();
  one.schedule = q.text();
  one.stack = q.text();
  one.created_at = q.wall();
  one.changed_at = q.wall();
  return one;
}

std::optional<model::Baseline> select_baseline(SQLite::Database& connection, const std::string& name) {
  Query q(connection, kSelect, name);
  if (!q.next()) return std::nullopt;
  return baseline_at(q);
}

Status expect_same(SQLite::Database& connection, const std::string& name,
                   const std::optional<model::Baseline>& before) {
  const std::optional<model::Baseline> now = select_baseline(connection, name);
  if (now.has_value() == before.has_value() && (!now || now->says_the_same(*before))) return {};
  return fail(ErrorCode::conflict, fmt::format("the baseline \"{}\" has been changed since", name));
}

}  // namespace

Result<std::vector<model::Baseline>> BaselineRepository::all() const {
  std::vector<model::Baseline> baselines;
  const Status read = database_.read("reading baselines", [&](SQLite::Database& connection) -> Status {
    for (Query q(connection, kSelectAll); q.next();) baselines.push_back(baseline_at(q));
    return {};
  });
  if (!read) return fail(read.error());
  return baselines;
}

Result<std::optional<model::Baseline>> BaselineRepository::find(const std::string& name) const {
  std::optional<model::Baseline> found;
  const Status read = database_.read("reading a baseline", [&](SQLite::Database& connection) -> Status {
    found = select_baseline(connection, name);
    return {};
  });
  if (!read) return fail(read.error());
  return found;
}

Status BaselineRepository::put(const model::Baseline& baseline, const std::optional<model::Baseline>& before,
                               WallTime now) {
  return database_.write("storing a baseline", [&](SQLite::Database& connection) -> Status {
    if (Status same = expect_same(connection, baseline.name, before); !same) return same;
    Query(connection, kPut, baseline.name, baseline.ref, baseline.profile, baseline.schedule, baseline.stack, now)
        .run();
    return {};
  });
}

Status BaselineRepository::remove(const model::Baseline& before) {
  return database_.write("removing a baseline", [&](SQLite::Database& connection) -> Status {
    if (Status same = expect_same(connection, before.name, before); !same) return same;
    Query(connection, kDelete, before.name).run();
    return {};
  });
}

}  // namespace dyno::store
