#include "store/verification_memory.h"

#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kFind = "SELECT 1 FROM verification WHERE key = ?";
constexpr auto kRemember = "REPLACE INTO verification (key, image_id, verified_at_ns) VALUES (?, ?, ?)";

}  // namespace

Result<bool> VerificationMemory::knows(const std::string& key) const {
  bool known = false;
  const Status read = database_.read("reading what was verified", [&](SQLite::Database& connection) -> Status {
    known = Query(connection, kFind, key).next();
    return {};
  });
  if (!read) return fail(read.error());
  return known;
}

Status VerificationMemory::remember(const std::string& key, const std::string& image_id, WallTime now) {
  return database_.write("storing what was verified", [&](SQLite::Database& connection) -> Status {
    Query(connection, kRemember, key, image_id, now).run();
    return {};
  });
}

}  // namespace dyno::store
