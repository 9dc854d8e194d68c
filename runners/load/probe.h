// `dyno-load probe`: connects to a starting server every millisecond and stamps the first accepted connect, the first good
// answer and the first good answer of a deeper path. Ends when it has them all or when standard input ends.
#pragma once

#include "base/result.h"

namespace dyno::loadgen {

Status probe_mode();

}  // namespace dyno::loadgen
