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

// Summaries (results/summarise) of runs that have ended, made from their readings: those that were never made, such as of runs that an older
// program stored, or all, because the rules have changed. Each run is a transaction of its own, so that one that is cut off goes on where it was.
enum class Summaries { missing, all };
Result<int> summarise_runs(Database& database, Summaries which);  // how many runs

}  // namespace dyno::store
