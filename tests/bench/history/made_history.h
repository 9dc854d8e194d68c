// A database of years of nights, made in minutes: what the store holds after a schedule of many cases ran every night, without the bulk that
// retention takes away (events, histograms, samples). A realistic mix: machines that change, images that change, nights that are missing, a few
// invalid and degraded trials; from the 41st night on the readings are those of an earlier night. The same seed gives the same database. For measurements and tests. One thread.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/database.h"

namespace dyno::bench {

struct Shape {
  int nights = 7;
  int cases = 40;
  int blocks = 10;        // load trials of a case in a night
  int extra_starts = 24;  // trials that only start
  std::uint64_t seed = 20261129;
};

inline std::int64_t trials_of_night(const Shape& shape) {
  return static_cast<std::int64_t>(shape.cases) * (shape.blocks + shape.extra_starts);
}

struct Made {
  std::int64_t nights = 0;
  std::int64_t trials = 0;
};

// Adds the nights that are missing, with the summaries that the end of each run writes.
Result<Made> make_history(store::Database& database, const Shape& shape);

}  // namespace dyno::bench
