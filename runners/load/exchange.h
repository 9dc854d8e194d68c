// `dyno-load exchange`: the transport of verification. Sends the given bytes, in the given pieces, and reports what came back,
// answer by answer; judges nothing. The exchanges of one call run one after the other, those that are marked so at once.
#pragma once

#include "base/result.h"

namespace dyno::loadgen {

Status exchange_mode();

}  // namespace dyno::loadgen
