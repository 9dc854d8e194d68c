// What the files of stacks and services share: `build` with its table, its value and the rule between its keys, and the limits
// that every container has. Pure, thread-safe.
#pragma once

#include "model/stack.h"
#include "stackfile/node.h"
#include "stackfile/problem_list.h"
#include "stackfile/shape.h"

namespace dyno::stackfile {

extern const Table kBuildTable;
extern const Shape kBaseEntry;  // one of build.base

model::StackBuild read_build(const Node& build);
std::vector<model::BaseImage> read_bases(const Node& map);  // those at its key base
model::Limits read_limits(const Node& limits);

// No build argument is set twice.
void check_build_args(const Node& root, ProblemList& problems);

}  // namespace dyno::stackfile
