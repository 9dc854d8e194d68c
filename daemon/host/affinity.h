// Which CPUs the threads of this process may run on. The kernel keeps that for each thread, so a change has to reach them all.
#pragma once

#include <vector>

#include "base/result.h"

namespace dyno::host {

// CPUs that the calling thread may run on, ascending.
std::vector<int> own_cpus();

// Moves every thread of this process to `cpus`; threads and programs that are started from then on inherit it. Programs that it
// started before keep what they have of `cpus`, or get all of them. invalid_argument: no CPU, or none that there is.
Status confine_process(const std::vector<int>& cpus);

}  // namespace dyno::host
