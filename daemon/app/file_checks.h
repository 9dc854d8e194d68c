// Whether the file of a stack or service still says what a run was accepted with. Reads files; thread-safe.
#pragma once

#include "run/images.h"

namespace dyno::app {

run::FileChecks file_checks();

}  // namespace dyno::app
