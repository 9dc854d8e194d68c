// The variants that a stack.yaml lists: another version of runtime or framework, another driver, other settings, each a case of
// its own from the same folder. Pure, thread-safe.
#pragma once

#include <vector>

#include "model/stack.h"
#include "stackfile/node.h"
#include "stackfile/problem_list.h"

namespace dyno::stackfile {

// Those at the key `variants` of a stack; none where it is absent.
std::vector<model::StackVariant> read_variants(const Node& stack);

// What the shape cannot say: names begin with the stack's and differ, each differs in something that the image or the server
// sees, and replaces only base images that the stack has.
void check_variants(const Node& stack, ProblemList& problems);

// The variants as stacks: the stack itself with what differs put in. They list no variants of their own.
std::vector<model::Stack> variants(const model::Stack& stack);

}  // namespace dyno::stackfile
