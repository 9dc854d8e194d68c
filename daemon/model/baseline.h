// What runs are compared with again and again, under a name. Values only.
#pragma once

#include <string>

#include "base/units.h"

namespace dyno::model {

struct Baseline {
  std::string name;
  std::string ref;        // the id of a run, latest, latest~N, median:N or a day
  std::string profile{};  // which runs a rule counts; empty: whatever the question asks for
  std::string schedule{};
  std::string stack{};
  WallTime created_at{};
  WallTime changed_at{};

  // What somebody said; the times are the daemon's.
  bool says_the_same(const Baseline& other) const {
    return name == other.name && ref == other.ref && profile == other.profile && schedule == other.schedule &&
           stack == other.stack;
  }
};

}  // namespace dyno::model
