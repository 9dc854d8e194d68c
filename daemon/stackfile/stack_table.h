// The keys of stack.yaml. Constant data.
#pragma once

#include "stackfile/shape.h"

namespace dyno::stackfile {

extern const Shape kStackShape;

}  // namespace dyno::stackfile
