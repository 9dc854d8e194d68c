// A Stack as the text of a stack.yaml: the other direction of parse_stack, for properties. Every text is quoted, every
// duration in ns and every size in B, so that nothing is left to a reader's guess.
#pragma once

#include <string>

#include "model/stack.h"

namespace dyno::stackfile {

std::string print_stack(const model::Stack& stack);

}  // namespace dyno::stackfile
