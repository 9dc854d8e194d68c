// Parts of files that have a source of their own: what stacks and services share, a stack's variants, a profile's phases. Pure,
// thread-safe.
#pragma once

#include <vector>

#include "model/profile.h"
#include "model/stack.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {

// What the files of stacks and services share: `build` with its table, its value and the rule between its keys, and the limits
// that every container has.
inline constexpr Shape kArgument = argument(kOneLine, 1000);  // of a command or a build
inline constexpr Shape kEnvValue = argument(kOneLine, 4000);
extern const Table kBuildTable;
extern const Shape kBaseEntry;  // one of build.base

model::StackBuild read_build(const Node& build);
std::vector<model::BaseImage> read_bases(const Node& map);  // those at its key base
model::Limits read_limits(const Node& limits);

// No build argument is set twice.
void check_build_args(const Node& root, ProblemList& problems);

// The variants that a stack.yaml lists: another version of runtime or framework, another driver, other settings, each a case of
// its own from the same folder.

// Those at the key `variants` of a stack; none where it is absent.
std::vector<model::StackVariant> read_variants(const Node& stack);

// What the shape cannot say: names begin with the stack's and differ, each differs in something that the image or the server
// sees, and replaces only base images that the stack has.
void check_variants(const Node& stack, ProblemList& problems);

// The variants as stacks: the stack itself with what differs put in. They list no variants of their own.
std::vector<model::Stack> variants(const model::Stack& stack);

// The phases of a profile: the rules between their keys, references from one to an earlier one, levels, and names.

// Reports what the shape cannot say. `phases` is the list under /phases.
void check_phases(const Node& phases, ProblemList& problems);

// Of a list without problems.
std::vector<model::ProfilePhase> read_phases(const Node& phases);

}  // namespace dyno::stackfile
