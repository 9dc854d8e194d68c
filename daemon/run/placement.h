// Decides which CPUs the app and the loader get. Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/placement.h"
#include "model/profile.h"

namespace dyno::run {

// `cpus`: the CPUs we may use, ascending. App and loader never share one. Automatic: from 8 CPUs on 4 for the app and 2 for the
// loader, from 4 on 2 and 1, below that 1 and 1. Fewer than two CPUs, or more asked for than there are: unsupported.
// The loader takes the lowest CPUs, because interrupts and the engine are usually there too; the app takes those after it.
Result<model::Placement> decide_placement(const std::vector<int>& cpus, const model::PlacementRequest& request);

// Where services execute: on CPUs that are left over, at most as many as the loader has; on none left, beside the loader.
std::vector<int> service_cpus(const std::vector<int>& cpus, const model::Placement& placement,
                              const model::PlacementRequest& request);

}  // namespace dyno::run
