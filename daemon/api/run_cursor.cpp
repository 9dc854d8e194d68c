#include "api/run_cursor.h"

#include <fmt/format.h>

#include "base/id.h"
#include "base/sha256.h"
#include "base/text.h"

namespace dyno::api {
namespace {

std::string hash_of(std::string_view filters) { return sha256_hex(filters).substr(0, 8); }

}  // namespace

std::string write_cursor(const store::RunCursor& cursor, std::string_view filters) {
  return fmt::format("{}.{}.{}", to_ns(cursor.created_at), cursor.id, hash_of(filters));
}

std::optional<store::RunCursor> read_cursor(std::string_view text, std::string_view filters) {
  const auto parts = split(text, '.');
  if (parts.size() != 3 || !is_id(parts[1]) || parts[2] != hash_of(filters)) return std::nullopt;
  const auto at = parse_int(parts[0]);
  if (!at) return std::nullopt;
  return store::RunCursor{wall_from_ns(*at), std::string(parts[1])};
}

}  // namespace dyno::api
