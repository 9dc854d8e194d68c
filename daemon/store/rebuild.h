// Rebuilds what is derived: writes every row of runs, trials and phases again from the stored events. For a maintenance command, and
// for a program that understands the events better than the one that stored them.
#pragma once

#include "base/result.h"
#include "store/database.h"

namespace dyno::store {

struct Rebuilt {
  int runs = 0;
  int left = 0;  // from before payloads were kept: not changed
};

// In one transaction: an event that cannot be read leaves all as it was.
Result<Rebuilt> rebuild(Database& database);

}  // namespace dyno::store
