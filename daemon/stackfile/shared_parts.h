// What the files of stacks and services share: `build` with its table, its value and the rule between its keys, and the limits
// that every container has. Pure, thread-safe.
#pragma once

#include "model/stack.h"
#include "stackfile/node.h"
#include "stackfile/problem_list.h"
#include "stackfile/shape.h"

namespace dyno::stackfile {

extern const Table kBuildTable;

model::StackBuild read_build(const Node& build);
model::Limits read_limits(const Node& limits);

// No build argument is set twice.
void check_build_args(const Node& root, ProblemList& problems);

}  // namespace dyno::stackfile
