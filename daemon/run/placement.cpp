#include "run/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace dyno::run {
namespace {

struct Core {
  int id = 0;
  int cache = 0;
  int node = 0;
  std::vector<int> cpus;  // ascending
};
using Cores = std::vector<Core>;  // ascending by their lowest CPU

struct Sizes {
  std::size_t app = 1;
  std::size_t load = 1;
};

struct Layout {
  std::vector<int> app;
  std::set<int> app_cores;
  std::set<int> app_caches;
  std::set<int> app_nodes;
  std::vector<int> load;
};

Cores cores_of(const model::Topology& topology) {
  Cores cores;
  for (const model::Cpu& cpu : topology.cpus) {
    const auto found = std::find_if(cores.begin(), cores.end(), [&](const Core& core) { return core.id == cpu.core; });
    if (found != cores.end()) found->cpus.push_back(cpu.id);
    else cores.push_back({cpu.core, cpu.cache, cpu.node, {cpu.id}});
  }
  return cores;
}

const Core& core_of(const Cores& cores, int cpu) {
  return *std::find_if(cores.begin(), cores.end(), [&](const Core& core) {
    return std::find(core.cpus.begin(), core.cpus.end(), cpu) != core.cpus.end();
  });
}

bool contains(const std::vector<int>& cpus, int cpu) { return std::find(cpus.begin(), cpus.end(), cpu) != cpus.end(); }

// The CPUs of the cores, core by core, that are not in `taken`; at most `count`.
std::vector<int> take(const Cores& cores, std::size_t count, const std::vector<int>& taken) {
  std::vector<int> cpus;
  for (const Core& core : cores) {
    for (const int cpu : core.cpus) {
      if (cpus.size() < count && !contains(taken, cpu)) cpus.push_back(cpu);
    }
  }
  return cpus;
}

// First the cores that disturb the app least, among equals the lowest.
Cores away_from_app(Cores cores, const Layout& layout) {
  const auto nearness = [&](const Core& core) {
    return std::make_tuple(layout.app_cores.contains(core.id), !layout.app_nodes.contains(core.node),
                           layout.app_caches.contains(core.cache));
  };
  std::stable_sort(cores.begin(), cores.end(), [&](const Core& a, const Core& b) { return nearness(a) < nearness(b); });
  return cores;
}

// The app on consecutive cores of the group from `start` on, the loader on the best of the others; nothing where it does not fit.
// `from_top`: of a core that is filled in part, the app gets the highest threads.
std::optional<Layout> layout_at(const Cores& all, const Cores& group, std::size_t start, bool from_top,
                                const Sizes& sizes) {
  Cores from_start(group.begin() + static_cast<std::ptrdiff_t>(start), group.end());
  if (from_top) {
    for (Core& core : from_start) std::reverse(core.cpus.begin(), core.cpus.end());
  }
  Layout layout;
  layout.app = take(from_start, sizes.app, {});
  if (layout.app.size() < sizes.app) return std::nullopt;
  for (const int cpu : layout.app) {
    const Core& core = core_of(all, cpu);
    layout.app_cores.insert(core.id);
    layout.app_caches.insert(core.cache);
    layout.app_nodes.insert(core.node);
  }
  layout.load = take(away_from_app(all, layout), sizes.load, layout.app);
  std::sort(layout.app.begin(), layout.app.end());
  std::sort(layout.load.begin(), layout.load.end());
  return layout;
}

// Less is better; in the order of the rules in the header.
auto faults_of(const Layout& layout, const Cores& all) {
  int shared_cores = 0;
  int on_other_nodes = 0;
  int in_app_caches = 0;
  for (const int cpu : layout.load) {
    const Core& core = core_of(all, cpu);
    shared_cores += layout.app_cores.contains(core.id) ? 1 : 0;
    on_other_nodes += layout.app_nodes.contains(core.node) ? 0 : 1;
    in_app_caches += layout.app_caches.contains(core.cache) ? 1 : 0;
  }
  return std::make_tuple(shared_cores, layout.app_nodes.size(), on_other_nodes, layout.app_caches.size(), in_app_caches,
                         layout.load);
}

// Cores that have the same value of a member.
std::vector<Cores> groups_by(const Cores& all, int Core::*member) {
  std::vector<Cores> groups;
  for (const Core& core : all) {
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const Cores& group) { return group.front().*member == core.*member; });
    if (found != groups.end()) found->push_back(core);
    else groups.push_back({core});
  }
  return groups;
}

// Every stretch of cores within a cache, a node, and the machine is looked at: a few hundred at most.
Layout best_layout(const Cores& all, const Sizes& sizes) {
  std::vector<Cores> groups{all};
  for (int Core::*const member : {&Core::node, &Core::cache}) {
    auto more = groups_by(all, member);
    std::move(more.begin(), more.end(), std::back_inserter(groups));
  }
  std::optional<Layout> best;
  for (const Cores& group : groups) {
    for (std::size_t start = 0; start < group.size(); ++start) {
      for (const bool from_top : {false, true}) {
        auto layout = layout_at(all, group, start, from_top, sizes);
        if (layout && (!best || faults_of(*layout, all) < faults_of(*best, all))) best = std::move(layout);
      }
    }
  }
  return *best;  // the whole machine from its first core on always fits
}

// The cores without app and loader, as away from the app as they can be.
Cores free_cores(const Cores& all, const Layout& layout) {
  Cores left = away_from_app(all, layout);
  std::erase_if(left, [&](const Core& core) {
    return std::any_of(core.cpus.begin(), core.cpus.end(),
                       [&](int cpu) { return contains(layout.app, cpu) || contains(layout.load, cpu); });
  });
  return left;
}

std::vector<int> place_services(const Cores& all, const Layout& layout, const model::PlacementRequest& request) {
  if (!request.automatic && request.database_shared_with_load) return layout.load;
  std::vector<int> cpus = take(free_cores(all, layout), layout.load.size(), {});
  if (cpus.empty()) {
    Cores of_loader = all;
    std::erase_if(of_loader, [&](const Core& core) { return layout.app_cores.contains(core.id); });
    cpus = take(of_loader, layout.load.size(), layout.load);
  }
  std::sort(cpus.begin(), cpus.end());
  return cpus.empty() ? layout.load : cpus;
}

bool share_a_core(const Cores& all, const std::vector<int>& one, const std::vector<int>& other) {
  return std::any_of(one.begin(), one.end(), [&](int a) {
    return std::any_of(other.begin(), other.end(),
                       [&](int b) { return a != b && core_of(all, a).id == core_of(all, b).id; });
  });
}

model::Placement placement_of(const Cores& all, const Layout& layout, const model::PlacementRequest& request) {
  model::Placement placement;
  placement.app_cpus = layout.app;
  placement.load_cpus = layout.load;
  // Nothing is left over for the daemon and the engine: they run beside the loader.
  placement.co_located = free_cores(all, layout).empty();
  placement.service_cpus = place_services(all, layout, request);
  placement.app_shares_core = share_a_core(all, layout.app, layout.load);
  placement.loader_shares_core =
      placement.service_cpus != layout.load && share_a_core(all, layout.load, placement.service_cpus);
  placement.app_nodes = static_cast<int>(layout.app_nodes.size());
  for (const Core& core : all) {
    if (!layout.app_cores.contains(core.id)) continue;
    for (const int cpu : core.cpus) {
      if (!contains(layout.load, cpu)) placement.quiet_cpus.push_back(cpu);
    }
  }
  std::sort(placement.quiet_cpus.begin(), placement.quiet_cpus.end());
  return placement;
}

}  // namespace

Result<model::Placement> decide_placement(const model::Topology& topology, const model::PlacementRequest& request) {
  const auto have = static_cast<int>(topology.cpus.size());
  if (have < 2) {
    return fail(
        ErrorCode::unsupported,
        "this machine has one CPU; at least two are needed, because the app and the load generator must not share one");
  }
  int app = request.stack_cpus;
  int load = request.load_cpus;
  if (request.automatic) {
    app = have >= 8 ? 4 : (have >= 4 ? 2 : 1);
    load = have >= 8 ? 2 : 1;
  }
  if (app + load > have) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("the profile needs {} CPUs for the stack and {} for the load generator; this machine has {}", app,
                    load, have));
  }
  const Cores cores = cores_of(topology);
  const Layout layout = best_layout(cores, {static_cast<std::size_t>(app), static_cast<std::size_t>(load)});
  return placement_of(cores, layout, request);
}

}  // namespace dyno::run
