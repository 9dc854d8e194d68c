#include "run/placement.h"

#include <fmt/format.h>

namespace dyno::run {

Result<model::Placement> decide_placement(const std::vector<int>& cpus, const model::PlacementRequest& request) {
  const auto have = static_cast<int>(cpus.size());
  if (have < 2) {
    return fail(ErrorCode::unsupported,
                "one CPU only: app and loader must not share a CPU, so at least two are needed");
  }
  int app = request.stack_cpus;
  int load = request.load_cpus;
  if (request.automatic) {
    app = have >= 8 ? 4 : (have >= 4 ? 2 : 1);
    load = have >= 8 ? 2 : 1;
  }
  if (app + load > have) {
    return fail(ErrorCode::unsupported,
                fmt::format("the profile wants {} CPUs for the stack and {} for the loader, this machine has {}", app,
                            load, have));
  }
  model::Placement placement;
  placement.load_cpus.assign(cpus.begin(), cpus.begin() + load);
  placement.app_cpus.assign(cpus.begin() + load, cpus.begin() + load + app);
  // Nothing is left over for the daemon and the engine: they run beside the loader.
  placement.co_located = app + load == have;
  return placement;
}

}  // namespace dyno::run
