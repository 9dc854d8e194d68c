// The keys of a service. Constant data.
#pragma once

#include "stackfile/shape.h"

namespace dyno::stackfile {

extern const Shape kServiceShape;

}  // namespace dyno::stackfile
