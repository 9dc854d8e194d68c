// The keys of a profile. Constant data.
#pragma once

#include "stackfile/shape.h"

namespace dyno::stackfile {

extern const Shape kProfileShape;

}  // namespace dyno::stackfile
