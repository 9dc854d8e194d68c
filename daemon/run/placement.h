// Decides which CPUs the app, the loader and the services get. Pure.
#pragma once

#include "base/result.h"
#include "model/placement.h"
#include "model/profile.h"
#include "model/topology.h"

namespace dyno::run {

// App and loader never share a CPU. Automatic: from 8 CPUs on 4 for the app and 2 for the loader, from 4 on 2 and 1, below that
// 1 and 1. Fewer than two CPUs, or more asked for than there are: unsupported.
//
// Which ones, the earlier rule above the later where not all can be had:
//   1. app and loader have no physical core in common: hyper-threads share its execution units;
//   2. the app's CPUs are of one NUMA node, so that its memory is near whichever thread asks for it;
//   3. the loader is on that node: what it sends does not cross sockets;
//   4. the app's CPUs share one last-level cache, and the loader another;
//   5. the loader has the lowest CPUs, because interrupts and the engine are usually there too; the app those after it.
// Both fill whole cores. What is left of the app's last core stays idle where there are CPUs enough.
//
// Services get cores that are left over, at most as many CPUs as the loader has; otherwise threads that are left of the loader's
// cores; otherwise, or when the profile says so, the loader's CPUs.
Result<model::Placement> decide_placement(const model::Topology& topology, const model::PlacementRequest& request);

}  // namespace dyno::run
