// The keys of a schedule. Constant data.
#pragma once

#include "stackfile/shape.h"

namespace dyno::stackfile {

extern const Shape kScheduleShape;

}  // namespace dyno::stackfile
