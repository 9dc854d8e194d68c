// The migrations that this program knows, in order, as texts that were built into it from migrations/*.sql. Values only.
#pragma once

#include <span>
#include <string_view>

namespace dyno::store {

struct Migration {
  int version;            // the user_version that it leads to: 1, 2, 3 …
  std::string_view name;  // 0001_meta.sql
  std::string_view sql;
};

std::span<const Migration> migrations();

}  // namespace dyno::store
