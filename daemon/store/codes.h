// Words that stand as small numbers in the tables with the most rows. Migrations fixed which number is which, so these enums may only grow at
// their end. May throw SQLite::Exception, as all of rows.h. One thread at a time.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/history.h"
#include "store/rows.h"

namespace dyno::store {

static_assert(model::EnumNames<model::Validity>::names ==
              std::array<std::string_view, 3>{"valid", "degraded", "invalid"});
static_assert(model::EnumNames<model::Bound>::names ==
              std::array<std::string_view, 6>{"none", "loader", "database", "server", "single_core", "waiting"});
static_assert(model::EnumNames<model::Spread>::names == std::array<std::string_view, 3>{"none", "range", "ci95"});

template <class E>
int code_of(E value) {
  return static_cast<int>(value);
}

template <class E>
E coded(Query& q) {
  const std::int64_t code = q.integer();
  if (code < 0 || static_cast<std::size_t>(code) >= model::EnumNames<E>::names.size())
    throw SQLite::Exception("the stored code " + std::to_string(code) + " is unknown to this program", SQLITE_MISMATCH);
  return static_cast<E>(code);
}

}  // namespace dyno::store
