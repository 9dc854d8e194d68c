#include "run/placement.h"

#include <fmt/format.h>

#include <algorithm>

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

std::vector<int> service_cpus(const std::vector<int>& cpus, const model::Placement& placement,
                              const model::PlacementRequest& request) {
  const std::size_t taken = placement.load_cpus.size() + placement.app_cpus.size();
  const bool shared = !request.automatic && request.database_shared_with_load;
  if (shared || taken >= cpus.size()) return placement.load_cpus;
  const std::size_t end = std::min(cpus.size(), taken + placement.load_cpus.size());
  return {cpus.begin() + static_cast<std::ptrdiff_t>(taken), cpus.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace dyno::run
