// The phases of a profile: the rules between their keys, references from one to an earlier one, levels, and names.
// Pure, thread-safe.
#pragma once

#include <vector>

#include "model/profile.h"
#include "stackfile/node.h"
#include "stackfile/problem_list.h"

namespace dyno::stackfile {

// Reports what the shape cannot say. `phases` is the list under /phases.
void check_phases(const Node& phases, ProblemList& problems);

// Of a list without problems.
std::vector<model::ProfilePhase> read_phases(const Node& phases);

}  // namespace dyno::stackfile
