// Rebuilds what is derived: every row of runs, trials and phases, written anew from the events that were told. For a
// maintenance command, and for a program that reads the events better than the one that stored them.
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
